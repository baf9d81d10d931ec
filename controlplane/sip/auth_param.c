/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/auth_param.h"

#include <errno.h>

#include "sip/scan.h"

static const struct {
	const char *name;
	enum sip_digest_algorithm algorithm;
} algorithms[] = {{"MD5", SIP_DIGEST_MD5}, {"SHA-256", SIP_DIGEST_SHA_256}};

const char *sip_digest_algorithm_name(enum sip_digest_algorithm algorithm)
{
	return algorithms[algorithm].name;
}

int sip_auth_algorithm(enum sip_digest_algorithm *algorithm, struct str name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (str_caseeq(name, str_of(algorithms[i].name))) {
			*algorithm = algorithms[i].algorithm;
			return 0;
		}
	return -ENOTSUP;
}

int sip_auth_scheme(struct str *rest)
{
	struct str scheme;

	*rest = sip_scan_trim(*rest);
	scheme = sip_scan_while(rest, SIP_C_TOKEN);
	if (scheme.len == 0 || rest->len == 0 || !sip_char_is(*rest->ptr, SIP_C_SPACE))
		return -EINVAL;
	return str_caseeq(scheme, STR("Digest")) ? 0 : -ENOTSUP;
}

int sip_auth_param_parse(struct sip_auth_param *param, struct str text)
{
	param->name = sip_scan_while(&text, SIP_C_TOKEN);
	sip_scan_space(&text);
	if (param->name.len == 0 || !sip_scan_byte(&text, '='))
		return -EINVAL;
	sip_scan_space(&text);
	param->quoted = sip_scan_quoted(&text, &param->value);
	if (param->quoted)
		param->value = (struct str){param->value.ptr + 1, param->value.len - 2};
	else
		param->value = sip_scan_while(&text, SIP_C_TOKEN);
	return text.len > 0 || (!param->quoted && param->value.len == 0) ? -EINVAL : 0;
}
