/* A module of PKCS#11 for the tests of the bundle `pkcs11`. It forwards to SoftHSM, or to the module SPY_MODULE, and
 * writes a line to the file SPY_LOG for each C_Initialize, C_Finalize, C_Login, C_OpenSession, C_CloseSession and
 * C_DestroyObject. */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>

static CK_FUNCTION_LIST *real;
static CK_FUNCTION_LIST spied;

static void write_log(const char *line) {
  const char *path = getenv("SPY_LOG");
  FILE *file = path != NULL ? fopen(path, "a") : NULL;
  if (file == NULL) return;
  fprintf(file, "%s\n", line);
  fclose(file);
}

static CK_RV spy_initialize(void *arguments) {
  write_log("initialize");
  return real->C_Initialize(arguments);
}

static CK_RV spy_finalize(void *reserved) {
  write_log("finalize");
  return real->C_Finalize(reserved);
}

static CK_RV spy_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG size) {
  write_log(user == CKU_USER ? "login user" : "login other");
  return real->C_Login(session, user, pin, size);
}

static CK_RV spy_open(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                      CK_SESSION_HANDLE_PTR session) {
  write_log((flags & CKF_RW_SESSION) != 0 ? "open read-write" : "open read-only");
  return real->C_OpenSession(slot, flags, application, notify, session);
}

static CK_RV spy_close(CK_SESSION_HANDLE session) {
  write_log("close");
  return real->C_CloseSession(session);
}

static CK_RV spy_destroy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  write_log("destroy object");
  return real->C_DestroyObject(session, object);
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  if (real == NULL) {
    const char *path = getenv("SPY_MODULE");
    void *library = dlopen(path != NULL ? path : "/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW | RTLD_NODELETE);
    CK_C_GetFunctionList get = NULL;
    if (library != NULL) *(void **)&get = dlsym(library, "C_GetFunctionList");
    if (get == NULL || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
    spied = *real;
    spied.C_Initialize = spy_initialize;
    spied.C_Finalize = spy_finalize;
    spied.C_Login = spy_login;
    spied.C_OpenSession = spy_open;
    spied.C_CloseSession = spy_close;
    spied.C_DestroyObject = spy_destroy;
  }
  *list = &spied;
  return CKR_OK;
}
