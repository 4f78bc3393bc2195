// The generated header, as the sources that bundles of databases share call it (../../sql/src).
#pragma once

#include "duckdb_host.h"

namespace sql_host = duckdb_host;
