/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --check looks at besides the text of the configuration. */
#pragma once

#include "policy/config.h"

/*
 * Reads certificate, key and trust of each TLS profile as the daemon would: whether they belong
 * together, and until when they are good. Tells on stderr what is wrong, and of what ends within
 * 30 days. Returns how many are wrong.
 */
unsigned check_certificates(const struct config *config);
