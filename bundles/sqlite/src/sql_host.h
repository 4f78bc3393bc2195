// The generated header, as the sources that bundles of databases share call it (../../sql/src).
#pragma once

#include "sqlite_host.h"

namespace sql_host = sqlite_host;
