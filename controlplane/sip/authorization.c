/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/authorization.h"

#include <errno.h>

#include "sip/auth_param.h"
#include "sip/scan.h"

#define NC_DIGITS 8U

/* What was read of one header; each parameter stands once. */
struct reading {
	struct sip_authorization *to;
	bool algorithm_said, qop_said;
};

static struct str *text_of(struct sip_authorization *to, struct str name)
{
	const struct {
		const char *name;
		struct str *text;
	} texts[] = {
	    {"username", &to->username}, {"realm", &to->realm},   {"nonce", &to->nonce},
	    {"uri", &to->uri},           {"cnonce", &to->cnonce}, {"response", &to->response},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_caseeq(name, str_of(texts[i].name)))
			return texts[i].text;
	return NULL;
}

static uint32_t hex_value(struct str digits)
{
	uint32_t value = 0;

	for (size_t i = 0; i < digits.len; i++) {
		char c = sip_char_lower(digits.ptr[i]);

		value = value << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return value;
}

static int take_count(struct sip_authorization *to, struct str value)
{
	if (to->nc.ptr || value.len != NC_DIGITS || !sip_text_is(value, SIP_C_HEX))
		return -EINVAL;
	to->nc = value;
	to->nonce_count = hex_value(value);
	return 0;
}

static int take_algorithm(struct reading *reading, struct str value)
{
	if (reading->algorithm_said)
		return -EINVAL;
	reading->algorithm_said = true;
	return sip_auth_algorithm(&reading->to->algorithm, value);
}

static int take_qop(struct reading *reading, struct str value)
{
	if (reading->qop_said)
		return -EINVAL;
	reading->qop_said = true;
	return str_caseeq(value, STR("auth")) ? 0 : -ENOTSUP;
}

static int take(struct reading *reading, const struct sip_auth_param *param)
{
	struct str *text = text_of(reading->to, param->name);

	if (text) {
		if (!param->quoted || text->ptr)
			return -EINVAL;
		*text = param->value;
		return 0;
	}
	if (str_caseeq(param->name, STR("nc")))
		return take_count(reading->to, param->value);
	if (str_caseeq(param->name, STR("algorithm")))
		return take_algorithm(reading, param->value);
	if (str_caseeq(param->name, STR("qop")))
		return take_qop(reading, param->value);
	if (str_caseeq(param->name, STR("username*")) ||
	    (str_caseeq(param->name, STR("userhash")) && str_caseeq(param->value, STR("true"))))
		return -ENOTSUP;
	return 0; /* opaque, which we never send, and what may come */
}

/* 32 or 64 digits */
static bool is_response(const struct sip_authorization *to)
{
	size_t digits = to->algorithm == SIP_DIGEST_SHA_256 ? 64 : 32;

	return to->response.len == digits && sip_text_is(to->response, SIP_C_HEX);
}

static int check(const struct reading *reading)
{
	const struct sip_authorization *to = reading->to;

	if (!to->realm.ptr || to->username.len == 0 || to->nonce.len == 0 || to->uri.len == 0 ||
	    !is_response(to))
		return -EINVAL;
	if (!reading->qop_said)
		return -ENOTSUP;
	return to->nc.ptr && to->cnonce.len > 0 ? 0 : -EINVAL;
}

int sip_authorization_parse(struct sip_authorization *authorization, struct str value)
{
	struct reading reading = {.to = authorization};
	struct str rest = value, item;
	struct sip_auth_param param;
	int unsupported;

	*authorization = (struct sip_authorization){.algorithm = SIP_DIGEST_MD5};
	unsupported = sip_auth_scheme(&rest);
	if (unsupported < 0)
		return unsupported;
	for (unsigned n = 0; sip_list_next(&rest, &item); n++) {
		int result = n < SIP_PARAMS_MAX ? sip_auth_param_parse(&param, item) : -EINVAL;

		if (result == 0)
			result = take(&reading, &param);
		if (result == -EINVAL)
			return result;
		if (result < 0)
			unsupported = result; /* the rest must be by the grammar all the same */
	}
	return unsupported < 0 ? unsupported : check(&reading);
}

int sip_authorization_find(struct sip_authorization *authorization,
			   const struct sip_message *request, struct str realm)
{
	static const enum sip_header_id ids[] = {SIP_HDR_AUTHORIZATION,
						 SIP_HDR_PROXY_AUTHORIZATION};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const struct sip_header *header = NULL;

		while ((header = sip_message_header(request, ids[i], header)) != NULL) {
			int result = sip_authorization_parse(authorization, header->value);

			if (authorization->realm.ptr && str_eq(authorization->realm, realm))
				return result;
		}
	}
	return -ENOENT;
}
