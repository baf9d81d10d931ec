// SPDX-License-Identifier: GPL-2.0-or-later
#include "sip/challenge.h"

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

static int take_algorithm(struct sip_challenge *challenge, struct str value)
{
	challenge->algorithm_said = true;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (str_caseeq(value, str_of(algorithms[i].name))) {
			challenge->algorithm = algorithms[i].algorithm;
			return 0;
		}
	return -ENOTSUP;
}

static int take_qop(struct sip_challenge *challenge, struct str list)
{
	struct str item;

	while (sip_list_next(&list, &item))
		if (str_caseeq(item, STR("auth")))
			challenge->qop_auth = true;
	return challenge->qop_auth ? 0 : -ENOTSUP;
}

static int take(struct sip_challenge *challenge, struct str name, struct str value, bool quoted)
{
	struct str *text = str_caseeq(name, STR("realm"))    ? &challenge->realm
			   : str_caseeq(name, STR("nonce"))  ? &challenge->nonce
			   : str_caseeq(name, STR("opaque")) ? &challenge->opaque
							     : NULL;

	if (text) {
		if (!quoted || text->ptr)
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

/* name = token / quoted-string, with nothing after it. */
static int parameter_read(struct sip_challenge *challenge, struct str text)
{
	struct str name = sip_scan_while(&text, SIP_C_TOKEN), value;
	bool quoted;

	sip_scan_space(&text);
	if (name.len == 0 || !sip_scan_byte(&text, '='))
		return -EINVAL;
	sip_scan_space(&text);
	quoted = sip_scan_quoted(&text, &value);
	if (quoted)
		value = (struct str){value.ptr + 1, value.len - 2};
	else
		value = sip_scan_while(&text, SIP_C_TOKEN);
	if (text.len > 0 || (!quoted && value.len == 0))
		return -EINVAL;
	return take(challenge, name, value, quoted);
}

int sip_challenge_parse(struct sip_challenge *challenge, struct str value)
{
	struct str rest = sip_scan_trim(value), scheme = sip_scan_while(&rest, SIP_C_TOKEN), item;
	int unsupported = 0;

	*challenge = (struct sip_challenge){.algorithm = SIP_DIGEST_MD5};
	if (scheme.len == 0 || rest.len == 0 || !sip_char_is(*rest.ptr, SIP_C_SPACE))
		return -EINVAL;
	if (!str_caseeq(scheme, STR("Digest")))
		return -ENOTSUP;
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
