/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who hears of a client transaction of ours. Such an object has this as its first member, and is
 * what sip_client_start() gets as client_user; NULL there: nobody. Thread: the loop's.
 */
#pragma once

#include "sip/transaction.h"

struct client_user;

struct client_user_ops {
	/* As of struct sip_transaction_ops; b2bua->sender is whose message it is. */
	void (*response)(struct client_user *user, struct sip_client *client,
			 const struct sip_message *response, const struct sip_flow *flow);
	void (*ended)(struct client_user *user, struct sip_client *client,
		      enum sip_client_end reason);
};

struct client_user {
	const struct client_user_ops *ops;
};
