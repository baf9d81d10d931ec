/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether digest credentials are right (RFC 7616 3.4.1). Any thread. */
#pragma once

#include <stdbool.h>

#include "policy/users.h"
#include "sip/authorization.h"

/*
 * Whether the response is what a user of the realm makes of its password, the method (as it is
 * written) and the rest of the credentials. The nonce is the caller's to judge. An unknown user
 * takes as long as a wrong password.
 */
bool digest_is_right(const struct sip_authorization *authorization, const struct users *users,
		     struct str method);
