/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/challenge.h"

#include <errno.h>

#include "sip/auth_param.h"
#include "sip/scan.h"

static int take_algorithm(struct sip_challenge *challenge, struct str value)
{
	challenge->algorithm_said = true;
	return sip_auth_algorithm(&challenge->algorithm, value);
}

static int take_qop(struct sip_challenge *challenge, struct str list)
{
	struct str item;

	while (sip_list_next(&list, &item))
		if (str_caseeq(item, STR("auth")))
			challenge->qop_auth = true;
	return challenge->qop_auth ? 0 : -ENOTSUP;
}

static int take(struct sip_challenge *challenge, const struct sip_auth_param *param)
{
	struct str name = param->name, value = param->value;
	struct str *text = str_caseeq(name, STR("realm"))    ? &challenge->realm
			   : str_caseeq(name, STR("nonce"))  ? &challenge->nonce
			   : str_caseeq(name, STR("opaque")) ? &challenge->opaque
							     : NULL;

	if (text) {
		if (!param->quoted || text->ptr)
			return -EINVAL;
		*text = value;
		return 0;
	}
	if (str_caseeq(name, STR("algorithm"))) /* some quote it */
		return challenge->algorithm_said ? -EINVAL : take_algorithm(challenge, value);
	if (str_caseeq(name, STR("qop")))
		return challenge->qop_auth ? -EINVAL : take_qop(challenge, value);
	if (str_caseeq(name, STR("stale")))
		challenge->stale = str_caseeq(value, STR("true"));
	return 0; /* domain, and what may come (RFC 7616 3.3) */
}

static int parameter_read(struct sip_challenge *challenge, struct str text)
{
	struct sip_auth_param param;

	return sip_auth_param_parse(&param, text) < 0 ? -EINVAL : take(challenge, &param);
}

int sip_challenge_parse(struct sip_challenge *challenge, struct str value)
{
	struct str rest = value, item;
	int unsupported = sip_auth_scheme(&rest);

	*challenge = (struct sip_challenge){.algorithm = SIP_DIGEST_MD5};
	if (unsupported < 0)
		return unsupported;
	for (unsigned n = 0; sip_list_next(&rest, &item); n++) {
		int result = n < SIP_PARAMS_MAX ? parameter_read(challenge, item) : -EINVAL;

		if (result == -EINVAL)
			return result;
		if (result < 0)
			unsupported = result; /* the rest must be by the grammar all the same */
	}
	if (unsupported == 0 && (!challenge->realm.ptr || challenge->nonce.len == 0))
		return -EINVAL;
	return unsupported;
}

int sip_challenge_choose(struct sip_challenge *challenge, const struct sip_message *response)
{
	enum sip_header_id id =
	    response->status == 407 ? SIP_HDR_PROXY_AUTHENTICATE : SIP_HDR_WWW_AUTHENTICATE;
	const struct sip_header *header = NULL;
	struct sip_challenge read;
	int result = -ENOENT;

	while ((header = sip_message_header(response, id, header)) != NULL) {
		if (sip_challenge_parse(&read, header->value) < 0 ||
		    (result == 0 && read.algorithm <= challenge->algorithm))
			continue;
		*challenge = read;
		challenge->proxy = id == SIP_HDR_PROXY_AUTHENTICATE;
		result = 0;
	}
	return result;
}
