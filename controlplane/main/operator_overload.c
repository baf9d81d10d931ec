/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How busy the control plane is, for status and stats. */
#include "main/daemon.h"

static json_t *use_object(uint64_t used, uint64_t most)
{
	return json_pack("{s:o, s:o}", "used", operator_number(used), "max", operator_number(most));
}

static void add_socket(void *user, const struct net_socket_status *status)
{
	json_array_append_new(user,
			      json_pack("{s:s, s:o, s:o, s:o}", "listener", status->name,
					"receive_bytes", operator_number(status->receive_bytes),
					"waiting_bytes", operator_number(status->waiting_bytes),
					"lost", operator_number(status->lost)));
}

/* Whose requests are most of what is refused. */
static void add_most_refused(json_t *load, const struct daemon *daemon)
{
	const struct overload *overload = &daemon->measure.overload;
	unsigned share;
	const struct config_peer *peer =
	    measure_peer(daemon, overload_most_refused(overload, &share));

	if (peer)
		json_object_set_new(load, "most_refused",
				    json_pack("{s:s, s:o}", "peer", peer->name, "refused_permille",
					      operator_number(share)));
}

json_t *operator_load(const struct daemon *daemon)
{
	const struct measure *measure = &daemon->measure;
	const struct overload *overload = &measure->overload;
	const struct overload_use *memory = &overload->pool[OVERLOAD_MEMORY];
	const struct b2bua_transactions transactions = b2bua_transactions(daemon->b2bua);
	json_t *load, *sockets = json_array();

	net_socket_each(daemon->net, add_socket, sockets);
	load = json_pack(
	    "{s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "overloaded", overload->on,
	    "refused_permille", operator_number(overload->share), "busy_permille",
	    operator_number(measure->busy), "delay_us", operator_number(overload->delay_us),
	    "memory_bytes", use_object(memory->used, memory->most), "transactions",
	    use_object(transactions.used, transactions.most), "message_bytes",
	    use_object(transactions.bytes, transactions.bytes_most), "connections",
	    use_object(net_connections(daemon->net), net_connections_most(daemon->net)), "udp",
	    sockets);
	if (load && overload->on) {
		json_object_set_new(load, "reason", json_string(overload_reason(overload)));
		json_object_set_new(
		    load, "since_s",
		    operator_number((uv_now(&daemon->loop) - overload->since_ms) / 1000));
		add_most_refused(load, daemon);
	}
	return load;
}

json_t *operator_overload_counters(const struct daemon *daemon)
{
	const struct overload_counters *counters = &daemon->measure.overload.counters;
	json_t *object = json_object();

#define ADD_COUNTER(symbol, name) \
	json_object_set_new(object, name, operator_number(counters->symbol));
	OVERLOAD_COUNTER_LIST(ADD_COUNTER)
#undef ADD_COUNTER
	return object;
}
