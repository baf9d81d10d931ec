/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What it costs to find a transaction, by how many there are: responses that come for client
 * transactions taken at random, and requests that come again for server transactions.
 */
#pragma once

#include "../common/arguments.h"

/* One line of JSON for each number. 0 or -errno. */
int lookup_run(const struct arguments_list *counts);
