/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What challenges and credentials are made of (RFC 7235 2.1): a scheme and a list of parameters.
 * Private to this folder.
 */
#pragma once

#include "sip/challenge.h"

struct sip_auth_param {
	struct str name;
	struct str value; /* without its quotes, escapes kept */
	bool quoted;
};

/* Takes the scheme from the front of rest. 0; -ENOTSUP: not Digest; -EINVAL: no scheme. */
int sip_auth_scheme(struct str *rest);
/* One parameter, name = token / quoted-string, the whole text. 0 or -EINVAL. */
int sip_auth_param_parse(struct sip_auth_param *param, struct str text);
/* 0 or -ENOTSUP. */
int sip_auth_algorithm(enum sip_digest_algorithm *algorithm, struct str name);
