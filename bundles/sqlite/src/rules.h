// What the SQL of a guest may do beside reading and writing its database.
#pragma once

#include <sqlite3.h>

#include <string>

namespace sqlite_adapter {

// Sets the rules of a connection: no files but its own, no extensions, no settings that belong to
// the process or to the bundle's configuration. `refusal` gets the reason of the last refusal.
//
// Lifetime: the connection keeps a pointer to `refusal`.
// Source: https://www.sqlite.org/security.html
void set_rules(sqlite3& connection, std::string& refusal);

}  // namespace sqlite_adapter
