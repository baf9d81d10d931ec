/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../patience.h"
#include "tls/internal.h"

static const struct {
	struct pki_request request;
	int issuer;
} makings[PARTIES] = {
    [CA] = {{.name = "ca", .common_name = "Test CA", .authority = true}, -1},
    [OTHER_CA] = {{.name = "oca", .common_name = "Other CA", .authority = true}, -1},
    [RELAY] = {{.name = "relay", .san = {"DNS:relay.example"}, .usage = "serverAuth,clientAuth"},
	       CA},
    [CLIENT] = {{.name = "client", .san = {"URI:sip:client.example"}}, CA},
    [CALLED] = {{.name = "called", .san = {"DNS:called.example"}}, CA},
    [WILDCARD] = {{.name = "wild", .san = {"DNS:*.wild.example"}}, CA},
    [WILDCARD_EXACT] = {{.name = "wildx", .san = {"DNS:*.example"}}, CA},
    [SERVER_AUTH] = {{.name = "sao", .san = {"DNS:sao.example"}, .usage = "serverAuth"}, CA},
    [CLIENT_SERVER_AUTH] = {{.name = "csao", .san = {"DNS:client.example"}, .usage = "serverAuth"},
			    CA},
    [CODE_SIGNING] = {{.name = "code", .san = {"DNS:sao.example"}, .usage = "codeSigning"}, CA},
    [LOCALHOST] = {{.name = "local", .san = {"DNS:localhost"}}, CA},
    [NOBODY] = {{.name = "nobody", .san = {"DNS:a.nobody.example", "DNS:b.nobody.example"}}, CA},
    [OTHER_CLIENT] = {{.name = "oclient", .san = {"DNS:client.example"}}, OTHER_CA},
    [OTHER] = {{.name = "other", .san = {"DNS:other.example"}}, OTHER_CA},
    [EXPIRED] = {{.name = "expired", .san = {"DNS:client.example"}, .from_days = -9, .to_days = -2},
		 CA},
};

static const struct {
	const char *name, *fqdn, *address;
	enum sip_transport transport;
	int listener;
	bool wildcard, server_auth_only;
	const char *serves; /* the address where we call it */
} peer_rows[PEERS] = {
    [UDP_PEER] = {"udp", NULL, "127.0.0.11", SIP_UDP, ON_UDP, 0, 0, NULL},
    [TCP_PEER] = {"tcp", NULL, "127.0.0.12", SIP_TCP, ON_TCP, 0, 0, "127.0.0.12"},
    [TLS_PEER] = {"tls", "client.example", "127.0.0.13", SIP_TLS, ON_TLS, 0, 0, "127.0.0.13"},
    [TLS_CALLED] = {"called", "called.example", "127.0.0.14", SIP_TLS, ON_TLS, 0, 0, "127.0.0.14"},
    [TLS_WILDCARD] = {"wild", "host.wild.example", "127.0.0.15", SIP_TLS, ON_TLS, 1, 0, NULL},
    [TLS_EXACT] = {"exact", "exact.example", "127.0.0.16", SIP_TLS, ON_TLS, 0, 0, NULL},
    [TLS_SERVER_AUTH] = {"sao", "sao.example", "127.0.0.17", SIP_TLS, ON_TLS, 0, 1, NULL},
    [TLS_BY_NAME] = {"name", "localhost", NULL, SIP_TLS, ON_TLS, 0, 0, "127.0.0.1"},
    [TLS_OF_OTHER] = {"other", "other.example", "127.0.0.18", SIP_TLS, ON_TLS_OTHER, 0, 0, NULL},
};

struct pki_party parties[PARTIES];
char log_text[2048];
enum log_event log_last;
static char directory[128];

/* Stands in for the log. */
void log_event(enum log_event event, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(log_text, sizeof(log_text), format, arguments);
	va_end(arguments);
	log_last = event;
}

int group_setup(void **state)
{
	char error[256];

	(void)state;
	if (tls_start(error, sizeof(error)) < 0) {
		fprintf(stderr, "%s\n", error);
		return -1;
	}
	if (pki_directory_make(directory, sizeof(directory)) < 0)
		return -1;
	for (unsigned i = 0; i < PARTIES; i++)
		if (pki_make(&parties[i], directory, &makings[i].request,
			     makings[i].issuer < 0 ? NULL : &parties[makings[i].issuer]) < 0)
			return -1;
	return 0;
}

int group_teardown(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PARTIES; i++)
		pki_party_free(&parties[i]);
	pki_directory_remove(directory);
	wolfSSL_Cleanup();
	return 0;
}

static struct sockaddr_in loopback(const char *address, uint16_t port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};

	assert_int_equal(inet_pton(AF_INET, address, &in.sin_addr), 1);
	return in;
}

static int serve(const char *address, uint16_t *port)
{
	struct sockaddr_in in = loopback(address, 0);
	socklen_t length = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &length), 0);
	*port = ntohs(in.sin_port);
	return fd;
}

static void on_message(void *user, const struct config_peer *peer, const struct sip_flow *flow,
		       const char *data, size_t length)
{
	struct fixture *fixture = user;
	unsigned at = fixture->message_count++ % MESSAGES_MAX;

	fixture->message[at].peer = peer;
	fixture->message[at].flow = *flow;
	fixture->message[at].length = length;
	snprintf(fixture->message[at].text, sizeof(fixture->message[at].text), "%.*s", (int)length,
		 data);
	if (fixture->on_message)
		fixture->on_message(fixture, flow);
}

static void on_lost(void *user, const struct config_peer *peer, uint64_t connection)
{
	struct fixture *fixture = user;

	assert_non_null(peer);

	fixture->lost_count++;
	fixture->lost = connection;
}

void flow_ready(void *user, int status, const struct sip_flow *flow, const char *error)
{
	struct fixture *fixture = user;

	fixture->ready_count++;
	fixture->ready_status = status;
	if (flow)
		fixture->ready_flow = *flow;
	snprintf(fixture->ready_error, sizeof(fixture->ready_error), "%s", error ? error : "");
}

static void configure(struct fixture *fixture)
{
	static const enum sip_transport transports[] = {SIP_UDP, SIP_TCP, SIP_TLS, SIP_TLS};

	for (int i = 0; i < 2; i++)
		fixture->tls[i] =
		    (struct config_tls){.name = i ? "other" : "main",
					.certificate = parties[RELAY].certificate,
					.private_key = parties[RELAY].key,
					.trust = parties[i ? OTHER_CA : CA].certificate};
	for (int i = 0; i < LISTENERS; i++) {
		struct config_listener *listener = &fixture->listeners[i];
		struct sockaddr_in in = loopback("127.0.0.1", 0);

		listener->name = "l";
		listener->transport = transports[i];
		listener->tls = i >= ON_TLS ? &fixture->tls[i - ON_TLS] : NULL;
		memcpy(&listener->socket_address, &in, sizeof(in));
	}
	for (int i = 0; i < PEERS; i++) {
		fixture->peers[i] = (struct config_peer){
		    .name = (char *)(uintptr_t)peer_rows[i].name,
		    .fqdn = (char *)(uintptr_t)peer_rows[i].fqdn,
		    .address = (char *)(uintptr_t)peer_rows[i].address,
		    .transport = peer_rows[i].transport,
		    .listener = &fixture->listeners[peer_rows[i].listener],
		    .wildcard = peer_rows[i].wildcard,
		    .server_auth_only = peer_rows[i].server_auth_only,
		    .port = 5061,
		};
		fixture->server[i] = -1;
		if (peer_rows[i].serves)
			fixture->server[i] = serve(peer_rows[i].serves, &fixture->peers[i].port);
	}
	fixture->config = (struct config){.listener_count = LISTENERS,
					  .listeners = fixture->listeners,
					  .peer_count = PEERS,
					  .peers = fixture->peers,
					  .tls_count = 2,
					  .tls = fixture->tls};
}

int setup(void **state)
{
	static const struct net_ops ops = {.message = on_message, .connection_lost = on_lost};
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char error[512];

	if (!fixture || uv_loop_init(&fixture->loop) < 0)
		return -1;
	configure(fixture);
	if (net_open(&fixture->net, &fixture->loop, &fixture->config, &ops, fixture, error,
		     sizeof(error)) < 0) {
		fprintf(stderr, "%s\n", error);
		return -1;
	}
	*state = fixture;
	return 0;
}

int teardown(void **state)
{
	struct fixture *fixture = *state;

	net_close(fixture->net);
	run_to_the_end(fixture);
	/* nothing is left behind in the loop */
	int result = uv_loop_close(&fixture->loop);

	for (int i = 0; i < PEERS; i++)
		if (fixture->server[i] >= 0)
			close(fixture->server[i]);
	free(fixture);
	return result;
}

static struct client *client_new(int fd, enum tls_role role, int party)
{
	struct client *client = calloc(1, sizeof(*client));
	char error[256];

	assert_non_null(client);
	client->fd = fd;
	if (party < 0)
		return client;
	const struct tls_settings settings = {.role = role,
					      .certificate = parties[CLIENT].certificate,
					      .private_key = parties[CLIENT].key,
					      .trust = parties[CA].certificate};

	if (tls_context_new(&client->context, &settings, NULL, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	/* a certificate that our own checks would refuse to use */
	assert_int_equal(wolfSSL_CTX_use_certificate_chain_file(client->context->ctx,
								parties[party].certificate),
			 WOLFSSL_SUCCESS);
	assert_int_equal(wolfSSL_CTX_use_PrivateKey_file(client->context->ctx, parties[party].key,
							 WOLFSSL_FILETYPE_PEM),
			 WOLFSSL_SUCCESS);
	assert_int_equal(tls_connection_new(&client->tls, client->context, NULL), 0);
	return client;
}

struct client *client_open(struct fixture *fixture, int listener, const char *source, int party)
{
	const struct sockaddr *to = (struct sockaddr *)&fixture->net->listeners[listener].address;
	struct sockaddr_in from = loopback(source, 0);
	int type = listener == ON_UDP ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_true(connect(fd, to, sizeof(from)) == 0 || errno == EINPROGRESS);
	return client_new(fd, TLS_CLIENT, party);
}

void client_distrust(struct client *client)
{
	assert_int_equal(wolfSSL_CTX_UnloadCAs(client->context->ctx), WOLFSSL_SUCCESS);
	assert_int_equal(wolfSSL_CTX_Unload_trust_peers(client->context->ctx), WOLFSSL_SUCCESS);
}

void client_free(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	tls_connection_free(client->tls);
	tls_context_free(client->context);
	free(client);
}

static void flush(struct client *client)
{
	const uint8_t *data;
	size_t length;

	while ((length = tls_output(client->tls, &data)) > 0) {
		ssize_t n = send(client->fd, data, length, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		tls_output_done(client->tls, (size_t)n);
	}
}

void client_send(struct client *client, const char *data, size_t length)
{
	if (client->tls) {
		assert_int_equal(tls_write(client->tls, data, length), 0);
		flush(client);
	} else {
		assert_int_equal(send(client->fd, data, length, MSG_NOSIGNAL), length);
	}
}

static void append(struct client *client, const char *data, size_t length)
{
	if (length >= sizeof(client->in))
		length = sizeof(client->in) - 1; /* a datagram */
	if (client->in_length + length >= sizeof(client->in)) {
		size_t kept = client->in_length / 2;

		memmove(client->in, client->in + client->in_length - kept, kept);
		client->in_length = kept;
	}
	if (client->in_length + length >= sizeof(client->in))
		client->in_length = 0;
	memcpy(client->in + client->in_length, data, length);
	client->in_length += length;
	client->in[client->in_length] = '\0';
}

static void serve_tls(struct client *client)
{
	enum tls_progress progress = tls_handshake(client->tls);
	char buffer[16384];

	flush(client);
	client->up = progress == TLS_UP;
	if (progress == TLS_FAILED)
		client->closed = true;
	while (client->up) {
		long n = tls_read(client->tls, buffer, sizeof(buffer));

		if (n == -EAGAIN)
			break;
		if (n <= 0) {
			client->closed = true;
			break;
		}
		append(client, buffer, (size_t)n);
	}
	flush(client);
}

static void serve_client(struct client *client)
{
	char buffer[65536];
	ssize_t n;

	if (!client || client->closed)
		return;
	if (client->tls)
		serve_tls(client);
	while (!client->closed &&
	       (n = recv(client->fd, buffer, client->tls ? 16384 : sizeof(buffer), 0)) != -1) {
		if (n == 0) {
			client->closed = true;
		} else if (client->tls) {
			assert_int_equal(tls_input(client->tls, buffer, (size_t)n), 0);
			serve_tls(client);
		} else {
			append(client, buffer, (size_t)n);
		}
	}
	if (errno != EAGAIN && errno != EINPROGRESS && errno != ENOTCONN && !client->closed)
		client->closed = true; /* reset */
}

/* What was sent on the loopback is there when send() returns, but for a kernel that is busy. */
static void turn(struct fixture *fixture, struct client *client)
{
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
	serve_client(client);
	usleep(200);
	clock_pass_ms(1);
}

#define RUN_UNTIL(condition)                                                             \
	do {                                                                             \
		uint64_t end = clock_outside_ms() + patience_ms();                       \
		while (!(condition)) {                                                   \
			if (clock_outside_ms() > end)                                    \
				fail_msg("waited in vain; last log line: %s", log_text); \
			turn(fixture, client);                                           \
		}                                                                        \
	} while (0)

struct client *client_accept(struct fixture *fixture, int peer, int party)
{
	struct client *client = NULL; /* nobody is to be served meanwhile */
	int fd;

	RUN_UNTIL((fd = accept4(fixture->server[peer], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
		  0);
	return client_new(fd, TLS_SERVER, party);
}

void run_until(struct fixture *fixture, struct client *client, const unsigned *counter,
	       unsigned wanted)
{
	RUN_UNTIL(*counter >= wanted);
}

void run_until_counted(struct fixture *fixture, struct client *client, const uint64_t *counter,
		       uint64_t wanted)
{
	RUN_UNTIL(*counter >= wanted);
}

void run_until_none(struct fixture *fixture, struct client *client, const unsigned *counter)
{
	RUN_UNTIL(*counter == 0);
}

void run_until_closed(struct fixture *fixture, struct client *client)
{
	RUN_UNTIL(client->closed);
}

void run_until_up(struct fixture *fixture, struct client *client)
{
	RUN_UNTIL(client->up);
}

void run_until_heard(struct fixture *fixture, struct client *client, const char *text)
{
	RUN_UNTIL(strstr(client->in, text));
}

void run_for(struct fixture *fixture, struct client *client, unsigned ms)
{
	while (ms-- > 0)
		turn(fixture, client);
}

void run_to_the_end(struct fixture *fixture)
{
	struct client *client = NULL;

	RUN_UNTIL(!uv_loop_alive(&fixture->loop));
}
