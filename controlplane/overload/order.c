/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which requests an overloaded relay refuses first. */
#include <limits.h>

#include "overload/internal.h"

/*
 * In thousandths of the share that new calls are refused with: from first on some of these requests
 * are refused, at OVERLOAD_ALL all. A call costs ten messages and more on two sides. A phone that
 * cannot register is not called for a minute or an hour, so it is refused later. A peer that hears
 * 503 to its OPTIONS sends us nothing any more, which is right only when hardly anything is taken.
 * These two are few, and what is refused for some ticks alone does not touch them.
 */
static const struct order {
	enum sip_method method;
	unsigned first;
	size_t counter;
} orders[] = {
#define COUNTER(name) offsetof(struct overload_counters, name)
    {SIP_METHOD_INVITE, 0, COUNTER(refused_invite)},
    {SIP_METHOD_OTHER, 0, COUNTER(refused_other)},
    {SIP_METHOD_MESSAGE, 0, COUNTER(refused_other)},
    {SIP_METHOD_SUBSCRIBE, 0, COUNTER(refused_other)},
    {SIP_METHOD_NOTIFY, 0, COUNTER(refused_other)},
    {SIP_METHOD_PUBLISH, 0, COUNTER(refused_other)},
    {SIP_METHOD_REFER, 0, COUNTER(refused_other)},
    {SIP_METHOD_REGISTER, 300, COUNTER(refused_register)},
    {SIP_METHOD_OPTIONS, 700, COUNTER(refused_options)},
#undef COUNTER
};

static const struct order *order_of(enum sip_method method)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (orders[i].method == method)
			return &orders[i];
	return NULL;
}

void overload_came(struct overload *overload, const struct overload_origin *origin,
		   enum sip_method method)
{
	struct overload_sender *sender = fair_sender(overload, origin->sender);

	sender->way = origin->way;
	if (order_of(method) && sender->came < UINT_MAX)
		sender->came++;
}

static unsigned share_for(struct overload *overload, const struct overload_origin *origin,
			  enum overload_span span)
{
	const struct overload_sender *sender = fair_sender(overload, origin->sender);
	unsigned own = origin->way == OVERLOAD_BY_FULL_STREAM ? sender->own.share[span] : 0;

	return own > sender->share[span] ? own : sender->share[span];
}

bool overload_refuses(struct overload *overload, const struct overload_origin *origin,
		      enum sip_method method, uint64_t draw)
{
	const struct order *order = order_of(method);
	unsigned share;

	if (!order)
		return false;
	share = share_for(overload, origin, order->first ? OVERLOAD_LASTING : OVERLOAD_NOW);
	if (share <= order->first)
		return false;
	return draw % OVERLOAD_ALL <
	       (share - order->first) * OVERLOAD_ALL / (OVERLOAD_ALL - order->first);
}

void overload_count_refused(struct overload *overload, unsigned sender, enum sip_method method)
{
	const struct order *order = order_of(method);

	if (!order)
		return;
	++*(uint64_t *)((char *)&overload->counters + order->counter);
	fair_sender(overload, sender)->refused++;
}
