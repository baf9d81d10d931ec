/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What it costs to find a transaction, by how many there are: responses that come for client
 * transactions taken at random, and requests that come again for server transactions. Each message
 * is read by the parser and found in the table as sluice-controlplane does it; the same messages
 * are also only read, and what finding costs is what it adds to that.
 */
#pragma once

#include "../common/arguments.h"

/* One line of JSON for each number. 0 or -errno. */
int lookup_run(const struct arguments_list *counts);
