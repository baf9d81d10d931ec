/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opens what a control plane opens, uses it once, and closes it: configuration, TLS, listeners,
 * a connection to itself. For the failing allocator: each step may be refused, for no reason but
 * memory; nothing may crash, and nothing be left. usage: fault_open config|net DIRECTORY
 *
 * DIRECTORY has config.yaml, self.pem (relay.example, its own authority) and self.key.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "net/internal.h"

#define REQUEST "OPTIONS sip:relay.example SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"
#define RUN_MS 1500U

static void told(void *user, const char *text)
{
	(void)user;
	(void)text;
}

static void config_scenario(const char *directory)
{
	char path[512], error[256];
	struct config *config;

	snprintf(path, sizeof(path), "%s/config.yaml", directory);
	config = config_load(path, told, NULL);
	if (config)
		(void)config_secrets_load(config, error, sizeof(error));
	config_free(config);
}

/* ---- net ---- */

/* Of tests/fault/alloc.c, where that is preloaded. */
void fault_pause(int on) __attribute__((weak));

/* libuv aborts when its first loop of a process finds no memory: a daemon that is just starting. */
static int loop_init(uv_loop_t *loop)
{
	int result;

	if (fault_pause)
		fault_pause(1);
	result = uv_loop_init(loop);
	if (fault_pause)
		fault_pause(0);
	return result;
}

struct run {
	uv_loop_t loop;
	struct net *net;
	uv_timer_t limit;
	bool heard;
};

static void on_message(void *user, const struct config_peer *peer, const struct sip_flow *flow,
		       const char *data, size_t length)
{
	struct run *run = user;

	(void)peer;
	(void)flow;
	(void)data;
	(void)length;
	run->heard = true;
	uv_stop(&run->loop);
}

static void on_lost(void *user, const struct config_peer *peer, uint64_t connection)
{
	(void)peer;
	(void)connection;
	uv_stop(&((struct run *)user)->loop);
}

static void on_limit(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

static void on_ready(void *user, int status, const struct sip_flow *flow, const char *error)
{
	struct run *run = user;

	(void)error;
	if (status < 0 || net_send(run->net, flow, REQUEST, strlen(REQUEST)) < 0)
		uv_stop(&run->loop);
}

static void use(struct run *run, struct config *config)
{
	const struct sockaddr_in *bound =
	    (const struct sockaddr_in *)&run->net->listeners[0].address;

	uv_timer_init(&run->loop, &run->limit);
	uv_timer_start(&run->limit, on_limit, RUN_MS, 0);
	((struct sockaddr_in *)&run->net->peers[0].address)->sin_port = bound->sin_port;
	if (net_flow(run->net, &config->peers[0], on_ready, run) == 0)
		uv_run(&run->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&run->limit, NULL);
}

static void net_run(struct config *config)
{
	static const struct net_ops ops = {.message = on_message, .connection_lost = on_lost};
	struct run run = {.heard = false};
	char error[512];

	if (tls_start(error, sizeof(error)) < 0)
		return;
	if (loop_init(&run.loop) == 0) {
		if (net_open(&run.net, &run.loop, config, &ops, &run, error, sizeof(error)) == 0)
			use(&run, config);
		net_close(run.net);
		uv_run(&run.loop, UV_RUN_DEFAULT);
		if (uv_loop_close(&run.loop) < 0) {
			fprintf(stderr, "something is left in the loop\n");
			exit(1);
		}
	}
	wolfSSL_Cleanup();
	if (!getenv("FAULT_AT") && !run.heard) {
		fprintf(stderr, "nothing came: %s\n", error);
		exit(1);
	}
}

/* One peer, which is ourselves, by certificate both ways. */
static void net_scenario(const char *directory)
{
	char certificate[512], key[512];
	struct config_tls tls = {.name = (char[]){"t"},
				 .certificate = certificate,
				 .private_key = key,
				 .trust = certificate};
	struct config_listener listener = {
	    .name = (char[]){"l"}, .transport = SIP_TLS, .tls = &tls};
	struct config_peer peer = {.name = (char[]){"self"},
				   .fqdn = (char[]){"relay.example"},
				   .address = (char[]){"127.0.0.1"},
				   .port = 1,
				   .transport = SIP_TLS,
				   .listener = &listener};
	struct config config = {.listeners = &listener,
				.listener_count = 1,
				.peers = &peer,
				.peer_count = 1,
				.tls = &tls,
				.tls_count = 1};
	struct sockaddr_in *in = (struct sockaddr_in *)&listener.socket_address;

	snprintf(certificate, sizeof(certificate), "%s/self.pem", directory);
	snprintf(key, sizeof(key), "%s/self.key", directory);
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	net_run(&config);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "config") == 0)
		config_scenario(argv[2]);
	else if (argc == 3 && strcmp(argv[1], "net") == 0)
		net_scenario(argv[2]);
	else
		return 2;
	return 0;
}
