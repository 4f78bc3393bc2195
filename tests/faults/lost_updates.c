/* A program with a fault in the order of its threads: each reads a number and writes the next one, with a lock for either and none
 * for both. Prints how many updates were lost. It shows that shuffle_threads.c makes orders in which such faults happen. */
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 4, UPDATES = 2000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int number;

static void* update(void* unused) {
  (void)unused;
  for (int i = 0; i < UPDATES; ++i) {
    pthread_mutex_lock(&lock);
    const int read = number;
    pthread_mutex_unlock(&lock);
    pthread_mutex_lock(&lock);
    number = read + 1;
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; ++i)
    if (pthread_create(&threads[i], NULL, update, NULL) != 0) return 1;
  for (int i = 0; i < THREADS; ++i) pthread_join(threads[i], NULL);
  printf("%d\n", THREADS * UPDATES - number);
  return 0;
}
