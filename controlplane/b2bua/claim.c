/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/claim.h"

#include <string.h>

#include "b2bua/number.h"
#include "policy/users.h"

static bool same_user(struct str a, struct str b)
{
	char one[NUMBER_TEXT_MAX], other[NUMBER_TEXT_MAX];

	return number_normalise(one, a) >= 0 && number_normalise(other, b) >= 0 &&
	       strcmp(one, other) == 0;
}

/* "alice", "+4930123", "alice@pbx.example" */
static bool is_identity(struct str identity, const struct sip_uri *uri)
{
	const char *at = memchr(identity.ptr, '@', identity.len);
	size_t length = at ? (size_t)(at - identity.ptr) : identity.len;
	struct str host = {at ? at + 1 : NULL, at ? identity.len - length - 1 : 0};

	return same_user((struct str){identity.ptr, length}, uri->user) &&
	       (!at || str_caseeq(host, uri->host));
}

static bool is_listed(const char *identities, const struct sip_uri *uri)
{
	for (size_t length; identities && *identities;
	     identities += length + (identities[length] == ',')) {
		length = strcspn(identities, ",");
		if (str_eq((struct str){identities, length}, STR("*")) ||
		    is_identity((struct str){identities, length}, uri))
			return true;
	}
	return false;
}

static bool may_be(const struct config_peer *peer, struct str user, const struct sip_uri *uri)
{
	const struct users *users = peer->auth_users;

	return is_identity(user, uri) ||
	       is_listed(users_identities(users, user, SIP_DIGEST_MD5), uri) ||
	       is_listed(users_identities(users, user, SIP_DIGEST_SHA_256), uri);
}

static bool is_anonymous(const struct sip_uri *uri)
{
	return str_caseeq(uri->user, STR("anonymous")) &&
	       str_caseeq(uri->host, STR("anonymous.invalid"));
}

/* Those that nobody can read count for nothing. */
static bool asserts_right(const struct config_peer *peer, struct str user,
			  const struct sip_message *request, struct str *claimed)
{
	const struct sip_header *header = NULL;
	struct sip_name_addr named;
	struct str rest, item;

	while (peer->trust &&
	       (header = sip_message_header(request, SIP_HDR_P_ASSERTED_IDENTITY, header)))
		for (rest = header->value; sip_list_next(&rest, &item);)
			if (sip_name_addr_parse(&named, item) == 0 &&
			    !may_be(peer, user, &named.uri)) {
				*claimed = named.uri.user;
				return false;
			}
	return true;
}

bool claim_is_right(const struct config_peer *peer, struct str user,
		    const struct sip_message *request, struct str *claimed)
{
	const struct sip_uri *from = &request->from.uri, *to = &request->to.uri;
	bool invite = request->method == SIP_METHOD_INVITE;

	if (peer->auth_identity == AUTH_IDENTITY_ANY ||
	    (!invite && request->method != SIP_METHOD_REGISTER))
		return true;
	*claimed = from->user;
	if (!may_be(peer, user, from) && !(invite && is_anonymous(from)))
		return false;
	*claimed = to->user;
	return invite ? asserts_right(peer, user, request, claimed) : may_be(peer, user, to);
}
