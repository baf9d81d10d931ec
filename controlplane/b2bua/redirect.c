/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/redirect.h"

#include "b2bua/number.h"
#include "b2bua/state.h"
#include "main/log.h"

#define Q_MAX 1000U /* q=1 */

struct contact {
	char user[NUMBER_TEXT_MAX];
	unsigned q; /* thousandths */
	bool sips;
};

struct contacts {
	unsigned count;
	struct contact contact[REDIRECT_CONTACTS_MAX];
};

/* qvalue (RFC 3261 25.1): "0.5", "1", "0.875"; absent or anything else: 1. */
static unsigned q_of(struct str text)
{
	unsigned q = 0, unit = Q_MAX;

	if (!text.len || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1') ||
	    (text.len > 1 && text.ptr[1] != '.'))
		return Q_MAX;
	q = text.ptr[0] == '1' ? Q_MAX : 0;
	for (size_t i = 2; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return Q_MAX;
		unit /= 10;
		q += unit * (unsigned)(text.ptr[i] - '0');
	}
	return q < Q_MAX ? q : Q_MAX;
}

static bool read_contact(struct contact *contact, struct str item)
{
	struct sip_name_addr address;

	if (sip_name_addr_parse(&address, item) < 0 || address.star ||
	    address.uri.scheme == SIP_SCHEME_OTHER ||
	    number_normalise(contact->user, address.uri.user) < 0 || !contact->user[0])
		return false;
	contact->sips = address.uri.scheme == SIP_SCHEME_SIPS;
	contact->q = q_of(sip_param(address.params, "q"));
	return true;
}

/* In the order of q; of equals, as they came. */
static void insert(struct contacts *contacts, const struct contact *contact)
{
	unsigned at = contacts->count++;

	for (; at > 0 && contacts->contact[at - 1].q < contact->q; at--)
		contacts->contact[at] = contacts->contact[at - 1];
	contacts->contact[at] = *contact;
}

static void read_contacts(struct contacts *contacts, const struct sip_message *response)
{
	const struct sip_header *header = NULL;

	contacts->count = 0;
	while ((header = sip_message_header(response, SIP_HDR_CONTACT, header))) {
		struct str rest = header->value, item;
		struct contact contact;

		while (contacts->count < REDIRECT_CONTACTS_MAX && sip_list_next(&rest, &item))
			if (read_contact(&contact, item))
				insert(contacts, &contact);
	}
}

static bool may_follow(const struct leg *leg, enum dial_way way, const struct sip_message *response)
{
	const struct call *call = leg->call;

	return response->status / 100 == 3 && way == DIAL_OPEN &&
	       leg->peer->dial_plan->redirect == REDIRECT_FOLLOW &&
	       call->redirects < REDIRECTS_MAX && call->leg[LEG_CALLER].invite;
}

bool redirect_follow(struct leg *leg, enum dial_way way, const struct sip_message *response)
{
	struct call *call = leg->call;
	const char *by = leg->peer->name;
	struct contacts contacts;

	if (!may_follow(leg, way, response))
		return false;
	read_contacts(&contacts, response);
	call->redirects++;
	for (unsigned i = 0; i < contacts.count; i++) {
		const struct contact *contact = &contacts.contact[i];

		if (!dial_elsewhere(call, contact->user, contact->sips))
			continue;
		call->b2bua->counters.redirects++;
		log_event(LOG_NOTE, "call %s: %s redirects it with %u; next is %s", call->id, by,
			  response->status, leg->peer->name);
		return true;
	}
	return false;
}
