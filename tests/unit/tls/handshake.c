/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handshakes in memory: our side against a raw wolfSSL side that may do what ours never would.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pki.h"
#include "tls/internal.h"

#include <wolfssl/error-ssl.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

enum {
	NONE = -1,
	AUTHORITY,
	STRANGE_AUTHORITY,
	SERVER,
	CLIENT,
	EXPIRED,
	FUTURE,
	STRANGER,
	SELF_SIGNED,
	SERVER_AUTH_ONLY,
	CLIENT_AUTH_ONLY,
	NO_USAGE,
	CODE_SIGNING,
	CHAIN_BY_LEAF,
	PARTIES,
};

static const struct {
	struct pki_request request;
	int issuer;
} makings[PARTIES] = {
    [AUTHORITY] = {{.name = "ca", .common_name = "Test CA", .authority = true}, NONE},
    [STRANGE_AUTHORITY] = {{.name = "xca", .common_name = "Strange CA", .authority = true}, NONE},
    [SERVER] = {{.name = "server", .san = {"DNS:server.example"}, .usage = "serverAuth,clientAuth"},
		AUTHORITY},
    [CLIENT] = {{.name = "client",
		 .common_name = "client.example",
		 .san = {"URI:sip:client.example"},
		 .usage = "serverAuth,clientAuth"},
		AUTHORITY},
    [EXPIRED] = {{.name = "expired", .common_name = "old.example", .from_days = -9, .to_days = -2},
		 AUTHORITY},
    [FUTURE] = {{.name = "future", .common_name = "new.example", .from_days = 2, .to_days = 9},
		AUTHORITY},
    [STRANGER] = {{.name = "stranger", .common_name = "client.example"}, STRANGE_AUTHORITY},
    [SELF_SIGNED] = {{.name = "self", .common_name = "client.example"}, NONE},
    [SERVER_AUTH_ONLY] = {{.name = "sao", .common_name = "client.example", .usage = "serverAuth"},
			  AUTHORITY},
    [CLIENT_AUTH_ONLY] = {{.name = "cao", .common_name = "client.example", .usage = "clientAuth"},
			  AUTHORITY},
    [NO_USAGE] = {{.name = "nousage", .common_name = "client.example"}, AUTHORITY},
    [CODE_SIGNING] = {{.name = "code", .common_name = "client.example", .usage = "codeSigning"},
		      AUTHORITY},
    [CHAIN_BY_LEAF] = {{.name = "byleaf", .common_name = "server.example"}, CLIENT},
};

static char directory[128];
static struct pki_party parties[PARTIES];

static int make_pki(void **state)
{
	(void)state;
	wolfSSL_Init();
	if (pki_directory_make(directory, sizeof(directory)) < 0)
		return -1;
	for (unsigned i = 0; i < PARTIES; i++)
		if (pki_make(&parties[i], directory, &makings[i].request,
			     makings[i].issuer == NONE ? NULL : &parties[makings[i].issuer]) < 0)
			return -1;
	return 0;
}

static int remove_pki(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PARTIES; i++)
		pki_party_free(&parties[i]);
	pki_directory_remove(directory);
	wolfSSL_Cleanup();
	return 0;
}

static struct tls_context *context(enum tls_role role, int party, bool tls13_only,
				   bool server_auth_only)
{
	const struct tls_settings settings = {.role = role,
					      .certificate = parties[party].certificate,
					      .private_key = parties[party].key,
					      .trust = parties[AUTHORITY].certificate,
					      .tls13_only = tls13_only,
					      .server_auth_only = server_auth_only};
	struct tls_context *made;
	char error[256] = "";

	if (tls_context_new(&made, &settings, NULL, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	return made;
}

/* The raw side. */
struct raw {
	WOLFSSL_CTX *ctx;
	WOLFSSL *ssl;
	unsigned char in[65536], out[65536];
	size_t in_length, out_length;
	int error; /* 0: up */
};

static int raw_receive(WOLFSSL *ssl, char *data, int size, void *user)
{
	struct raw *raw = user;
	size_t n = raw->in_length < (size_t)size ? raw->in_length : (size_t)size;

	(void)ssl;
	if (n == 0)
		return WOLFSSL_CBIO_ERR_WANT_READ;
	memcpy(data, raw->in, n);
	memmove(raw->in, raw->in + n, raw->in_length - n);
	raw->in_length -= n;
	return (int)n;
}

static int raw_send(WOLFSSL *ssl, char *data, int size, void *user)
{
	struct raw *raw = user;

	(void)ssl;
	assert_true(raw->out_length + (size_t)size <= sizeof(raw->out));
	memcpy(raw->out + raw->out_length, data, (size_t)size);
	raw->out_length += (size_t)size;
	return size;
}

static void raw_start(struct raw *raw)
{
	raw->ssl = wolfSSL_new(raw->ctx);
	assert_non_null(raw->ssl);
	wolfSSL_SetIOReadCtx(raw->ssl, raw);
	wolfSSL_SetIOWriteCtx(raw->ssl, raw);
	raw->in_length = raw->out_length = 0;
	raw->error = WOLFSSL_ERROR_WANT_READ;
}

static struct raw *raw_new(WOLFSSL_METHOD *method, const char *suites, int party)
{
	struct raw *raw = calloc(1, sizeof(*raw));

	assert_non_null(raw);
	raw->ctx = wolfSSL_CTX_new(method);
	assert_non_null(raw->ctx);
	wolfSSL_CTX_SetIORecv(raw->ctx, raw_receive);
	wolfSSL_CTX_SetIOSend(raw->ctx, raw_send);
	wolfSSL_CTX_set_verify(raw->ctx, WOLFSSL_VERIFY_NONE, NULL);
	if (suites)
		assert_int_equal(wolfSSL_CTX_set_cipher_list(raw->ctx, suites), WOLFSSL_SUCCESS);
	if (party != NONE) {
		assert_int_equal(
		    wolfSSL_CTX_use_certificate_chain_file(raw->ctx, parties[party].certificate),
		    WOLFSSL_SUCCESS);
		assert_int_equal(wolfSSL_CTX_use_PrivateKey_file(raw->ctx, parties[party].key,
								 WOLFSSL_FILETYPE_PEM),
				 WOLFSSL_SUCCESS);
	}
	raw_start(raw);
	return raw;
}

static void raw_free(struct raw *raw)
{
	wolfSSL_free(raw->ssl);
	wolfSSL_CTX_free(raw->ctx);
	free(raw);
}

/* Moves bytes both ways. */
static void carry(struct tls_connection *ours, struct raw *raw)
{
	const uint8_t *data;
	size_t length = tls_output(ours, &data);

	assert_true(raw->in_length + length <= sizeof(raw->in));
	if (length)
		memcpy(raw->in + raw->in_length, data, length);
	raw->in_length += length;
	tls_output_done(ours, length);
	assert_int_equal(tls_input(ours, raw->out, raw->out_length), 0);
	raw->out_length = 0;
}

static enum tls_progress shake(struct tls_connection *ours, struct raw *raw, enum tls_role role)
{
	enum tls_progress progress = TLS_MORE;

	for (int i = 0; i < 12; i++) {
		if (raw->error == WOLFSSL_ERROR_WANT_READ) {
			int result = role == TLS_SERVER ? wolfSSL_connect(raw->ssl)
							: wolfSSL_accept(raw->ssl);

			raw->error =
			    result == WOLFSSL_SUCCESS ? 0 : wolfSSL_get_error(raw->ssl, result);
		}
		carry(ours, raw);
		progress = tls_handshake(ours);
		carry(ours, raw);
		if (progress != TLS_MORE && raw->error != WOLFSSL_ERROR_WANT_READ)
			break;
	}
	return progress;
}

static struct tls_connection *connection(struct tls_context *from, const char *name)
{
	struct tls_connection *made;

	assert_int_equal(tls_connection_new(&made, from, name), 0);
	return made;
}

#define NULL_SUITES "TLS13-SHA256-SHA256:TLS13-SHA384-SHA384"
#define WEAK_SUITES "ADH-AES128-SHA:AES128-SHA:ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-CCM-8"
#define ANY wolfSSLv23_client_method
#define TLS11 wolfTLSv1_1_client_method
#define TLS12 wolfTLSv1_2_client_method
#define TLS13 wolfTLSv1_3_client_method

static const struct {
	const char *what;
	WOLFSSL_METHOD *(*method)(void);
	const char *suites;
	int party;
	bool server_auth_only, tls13_only;
	enum tls_progress progress;
	const char *failure; /* contains */
} clients[] = {
    {"good", ANY, NULL, CLIENT, 0, 0, TLS_UP, ""},
    {"good, 1.2", TLS12, NULL, CLIENT, 0, 0, TLS_UP, ""},
    {"good, 1.3 only", ANY, NULL, CLIENT, 0, 1, TLS_UP, ""},
    {"no usage extension", ANY, NULL, NO_USAGE, 0, 0, TLS_UP, ""},
    {"clientAuth only", ANY, NULL, CLIENT_AUTH_ONLY, 0, 0, TLS_UP, ""},
    {"1.1", TLS11, NULL, CLIENT, 0, 0, TLS_FAILED, "TLS version is too old"},
    {"1.2 where 1.3 only", TLS12, NULL, CLIENT, 0, 1, TLS_FAILED, "TLS version is too old"},
    {"integrity only", TLS13, NULL_SUITES, CLIENT, 0, 0, TLS_FAILED, "no cipher suite in common"},
    {"weak suites", TLS12, WEAK_SUITES, CLIENT, 0, 0, TLS_FAILED, "no cipher suite in common"},
    {"none, 1.3", TLS13, NULL, NONE, 0, 0, TLS_FAILED, "no certificate shown"},
    {"none, 1.2", TLS12, NULL, NONE, 0, 0, TLS_FAILED, "no certificate shown"},
    {"none, 1.2, exception", TLS12, NULL, NONE, 1, 0, TLS_FAILED, "no certificate shown"},
    {"none, 1.3, exception", TLS13, NULL, NONE, 1, 0, TLS_FAILED, "no certificate shown"},
    {"expired", ANY, NULL, EXPIRED, 0, 0, TLS_FAILED, "certificate expired on 20"},
    {"expired, 1.2", TLS12, NULL, EXPIRED, 0, 0, TLS_FAILED, "certificate expired on 20"},
    {"expired, exception", ANY, NULL, EXPIRED, 1, 0, TLS_FAILED, "certificate expired on 20"},
    {"not yet", ANY, NULL, FUTURE, 0, 0, TLS_FAILED, "certificate is not valid before 20"},
    {"other authority", ANY, NULL, STRANGER, 0, 0, TLS_FAILED, "not signed by a trusted"},
    {"other authority, 1.2", TLS12, NULL, STRANGER, 0, 0, TLS_FAILED, "not signed by a trusted"},
    {"other, exception", ANY, NULL, STRANGER, 1, 0, TLS_FAILED, "not signed by a trusted"},
    {"self-signed", ANY, NULL, SELF_SIGNED, 0, 0, TLS_FAILED, "self-signed and not trusted"},
    {"self, exception", ANY, NULL, SELF_SIGNED, 1, 0, TLS_FAILED, "self-signed and not trusted"},
    {"signed by a leaf", ANY, NULL, CHAIN_BY_LEAF, 0, 0, TLS_FAILED, "not signed by a trusted"},
    {"serverAuth only", ANY, NULL, SERVER_AUTH_ONLY, 0, 0, TLS_FAILED,
     "does not allow client authentication"},
    {"serverAuth only, exception", ANY, NULL, SERVER_AUTH_ONLY, 1, 0, TLS_UP, ""},
    {"serverAuth only, exception, 1.2", TLS12, NULL, SERVER_AUTH_ONLY, 1, 0, TLS_UP, ""},
    {"code signing", ANY, NULL, CODE_SIGNING, 0, 0, TLS_FAILED,
     "does not allow client authentication"},
};

static void a_server_takes_only_verified_clients(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(clients); i++) {
		struct tls_context *server =
		    context(TLS_SERVER, SERVER, clients[i].tls13_only, clients[i].server_auth_only);
		struct tls_connection *ours = connection(server, NULL);
		struct raw *raw = raw_new(clients[i].method(), clients[i].suites, clients[i].party);
		enum tls_progress progress = shake(ours, raw, TLS_SERVER);

		if (progress != clients[i].progress ||
		    !strstr(tls_failure(ours), clients[i].failure))
			fail_msg("%s: progress %d, failure \"%s\"", clients[i].what, progress,
				 tls_failure(ours));
		assert_int_equal(tls_encrypted(ours), progress == TLS_UP);
		tls_connection_free(ours);
		raw_free(raw);
		tls_context_free(server);
	}
}

static void the_exception_leaves_the_usage_to_the_callers_policy(void **state)
{
	static const struct {
		int party;
		bool client_auth, server_auth;
	} facts[] = {
	    {CLIENT, true, true}, {SERVER_AUTH_ONLY, false, true}, {CODE_SIGNING, false, false}};
	struct tls_context *server = context(TLS_SERVER, SERVER, false, true);

	(void)state;
	for (size_t i = 0; i < N(facts); i++) {
		struct tls_connection *ours = connection(server, NULL);
		struct raw *raw = raw_new(ANY(), NULL, facts[i].party);
		struct tls_certificate certificate;

		assert_int_equal(shake(ours, raw, TLS_SERVER), TLS_UP);
		assert_int_equal(tls_peer(ours, NULL, &certificate), 0);
		assert_int_equal(certificate.client_auth, facts[i].client_auth);
		assert_int_equal(certificate.server_auth, facts[i].server_auth);
		tls_connection_free(ours);
		raw_free(raw);
	}
	tls_context_free(server);
}

static const struct {
	const char *what;
	WOLFSSL_METHOD *(*method)(void);
	const char *suites;
	int party;
	enum tls_progress progress;
	const char *failure;
} servers[] = {
    {"good", wolfSSLv23_server_method, NULL, SERVER, TLS_UP, ""},
    {"good, 1.2", wolfTLSv1_2_server_method, NULL, SERVER, TLS_UP, ""},
    {"1.1", wolfTLSv1_1_server_method, NULL, SERVER, TLS_FAILED, ""},
    {"anonymous", wolfTLSv1_2_server_method, "ADH-AES128-SHA", NONE, TLS_FAILED, ""},
    {"integrity only", wolfTLSv1_3_server_method, NULL_SUITES, SERVER, TLS_FAILED, ""},
    {"expired", wolfSSLv23_server_method, NULL, EXPIRED, TLS_FAILED, "certificate expired on 20"},
    {"stranger", wolfSSLv23_server_method, NULL, STRANGER, TLS_FAILED, "not signed by a trusted"},
    {"self-signed", wolfSSLv23_server_method, NULL, SELF_SIGNED, TLS_FAILED,
     "self-signed and not trusted"},
    {"clientAuth only", wolfSSLv23_server_method, NULL, CLIENT_AUTH_ONLY, TLS_FAILED,
     "does not allow server authentication"},
};

static void a_client_takes_only_verified_servers(void **state)
{
	struct tls_context *client = context(TLS_CLIENT, CLIENT, false, false);

	(void)state;
	for (size_t i = 0; i < N(servers); i++) {
		struct tls_connection *ours = connection(client, "server.example");
		struct raw *raw = raw_new(servers[i].method(), servers[i].suites, servers[i].party);
		enum tls_progress progress = shake(ours, raw, TLS_CLIENT);

		if (progress != servers[i].progress ||
		    !strstr(tls_failure(ours), servers[i].failure))
			fail_msg("%s: progress %d, failure \"%s\"", servers[i].what, progress,
				 tls_failure(ours));
		tls_connection_free(ours);
		raw_free(raw);
	}
	tls_context_free(client);
}

/* A client that keeps its session of one server context and tries it on another. */
static void try_resumption(WOLFSSL_METHOD *method)
{
	struct tls_context *first = context(TLS_SERVER, SERVER, false, false);
	struct tls_context *second = context(TLS_SERVER, SERVER, false, false);
	struct raw *raw = raw_new(method, NULL, CLIENT);
	struct tls_connection *ours = connection(first, NULL);
	char byte;

	wolfSSL_CTX_set_session_cache_mode(raw->ctx, WOLFSSL_SESS_CACHE_CLIENT);
	wolfSSL_CTX_UseSessionTicket(raw->ctx);
	assert_int_equal(shake(ours, raw, TLS_SERVER), TLS_UP);
	(void)wolfSSL_read(raw->ssl, &byte, 1); /* takes a ticket, if one comes */
	WOLFSSL_SESSION *session = wolfSSL_get1_session(raw->ssl);

	tls_connection_free(ours);
	wolfSSL_free(raw->ssl);
	for (int i = 0; i < 2; i++) {
		ours = connection(i ? second : first, NULL);
		raw_start(raw);
		if (session)
			(void)wolfSSL_set_session(raw->ssl, session);
		assert_int_equal(shake(ours, raw, TLS_SERVER), TLS_UP);
		assert_false(wolfSSL_session_reused(raw->ssl));
		tls_connection_free(ours);
		if (i == 0)
			wolfSSL_free(raw->ssl);
	}
	wolfSSL_SESSION_free(session);
	raw_free(raw);
	tls_context_free(second);
	tls_context_free(first);
}

static void no_session_is_ever_resumed(void **state)
{
	(void)state;
	try_resumption(TLS12());
	try_resumption(TLS13());
}

/* Ours on both ends. */
static void move(struct tls_connection *from, struct tls_connection *to)
{
	const uint8_t *data;
	size_t length;

	while ((length = tls_output(from, &data)) > 0) {
		if (length > 16384)
			length = 16384;
		assert_int_equal(tls_input(to, data, length), 0);
		tls_output_done(from, length);
	}
}

static void shake_both(struct tls_connection *client, struct tls_connection *server,
		       enum tls_progress *client_end, enum tls_progress *server_end)
{
	for (int i = 0; i < 8; i++) {
		*client_end = tls_handshake(client);
		move(client, server);
		*server_end = tls_handshake(server);
		move(server, client);
	}
}

static void both_sides_know_each_other_and_talk(void **state)
{
	struct tls_context *s = context(TLS_SERVER, SERVER, false, false);
	struct tls_context *c = context(TLS_CLIENT, CLIENT, false, false);
	struct tls_connection *server = connection(s, NULL),
			      *client = connection(c, "server.example");
	struct tls_identities *identities = calloc(1, sizeof(*identities));
	struct tls_certificate certificate;
	enum tls_progress client_end, server_end;
	char text[64];

	(void)state;
	/* live connections keep what they need of a context that is gone */
	tls_context_free(s);
	tls_context_free(c);
	assert_int_equal(tls_write(client, "early", 5), -ENOTCONN);
	assert_int_equal(tls_read(server, text, sizeof(text)), -EAGAIN);
	assert_int_equal(tls_peer(server, identities, &certificate), -ENOTCONN);
	shake_both(client, server, &client_end, &server_end);
	assert_int_equal(client_end, TLS_UP);
	assert_int_equal(server_end, TLS_UP);
	assert_string_equal(tls_version(client), "TLSv1.3");
	assert_string_equal(tls_cipher(client), "TLS13-CHACHA20-POLY1305-SHA256");
	assert_int_equal(tls_peer(server, identities, &certificate), 0);
	assert_true(tls_identity_match(identities, "client.example", false));
	assert_int_equal(tls_peer(client, identities, &certificate), 0);
	assert_true(tls_identity_match(identities, "server.example", false));
	assert_non_null(strstr(certificate.issuer, "Test CA"));

	assert_int_equal(tls_read(server, text, sizeof(text)), -EAGAIN);
	assert_int_equal(tls_write(client, "hello", 5), 0);
	move(client, server);
	assert_int_equal(tls_read(server, text, sizeof(text)), 5);
	assert_memory_equal(text, "hello", 5);
	tls_shutdown(server);
	move(server, client);
	assert_int_equal(tls_read(client, text, sizeof(text)), 0);
	assert_int_equal(tls_write(server, "late", 4), -ENOTCONN);
	tls_connection_free(client);
	tls_connection_free(server);
	free(identities);
}

static void a_server_that_dislikes_our_certificate_is_heard_at_the_first_read(void **state)
{
	struct tls_context *s = context(TLS_SERVER, SERVER, true, false);
	struct tls_context *c = context(TLS_CLIENT, SERVER_AUTH_ONLY, true, false);
	struct tls_connection *server = connection(s, NULL),
			      *client = connection(c, "server.example");
	enum tls_progress client_end, server_end;
	char text[64];

	(void)state;
	shake_both(client, server, &client_end, &server_end);
	assert_int_equal(client_end, TLS_UP); /* TLS 1.3: it cannot know yet */
	assert_int_equal(server_end, TLS_FAILED);
	assert_int_equal(tls_read(client, text, sizeof(text)), -EPROTO);
	assert_non_null(strstr(tls_failure(client), "the other side refused"));
	assert_int_equal(tls_write(client, "x", 1), -ENOTCONN);
	tls_connection_free(client);
	tls_connection_free(server);
	tls_context_free(s);
	tls_context_free(c);
}

static void buffers_are_bounded(void **state)
{
	struct tls_context *s = context(TLS_SERVER, SERVER, false, false);
	struct tls_context *c = context(TLS_CLIENT, CLIENT, false, false);
	struct tls_connection *server = connection(s, NULL), *client = connection(c, NULL);
	enum tls_progress client_end, server_end;
	char *big = calloc(1, TLS_OUTPUT_MAX);
	int writes = 0;

	(void)state;
	assert_int_equal(tls_input(server, big, TLS_INPUT_MAX), 0);
	assert_int_equal(tls_input(server, big, 1), -ENOBUFS);
	tls_connection_free(server);
	server = connection(s, NULL);
	shake_both(client, server, &client_end, &server_end);
	assert_int_equal(tls_write(client, big, TLS_OUTPUT_MAX), -ENOBUFS);
	while (tls_write(client, big, 60000) == 0)
		writes++;
	assert_int_equal(writes, 4);
	/* and what was refused did not harm */
	const uint8_t *data;

	tls_output_done(client, 0);
	assert_true(tls_output(client, &data) <= TLS_OUTPUT_MAX);
	free(big);
	tls_connection_free(client);
	tls_connection_free(server);
	tls_context_free(s);
	tls_context_free(c);
}

static void garbage_is_refused(void **state)
{
	static const char *const garbage[] = {
	    "OPTIONS sip:a@b SIP/2.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	    "\x16\x03\x01\xff\xff\x01",        "\x80\x2e\x01\x03\x01",
	    "\x15\x03\x03\x01\x02\x02\x28",
	};
	struct tls_context *s = context(TLS_SERVER, SERVER, false, false);

	(void)state;
	for (size_t i = 0; i < N(garbage); i++) {
		struct tls_connection *server = connection(s, NULL);

		assert_int_equal(tls_input(server, garbage[i], strlen(garbage[i])), 0);
		assert_true(tls_handshake(server) != TLS_UP);
		if (i < 2) {
			assert_int_equal(tls_handshake(server), TLS_FAILED);
			assert_true(tls_failure(server)[0]);
		}
		tls_connection_free(server);
	}
	tls_context_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_server_takes_only_verified_clients),
	    cmocka_unit_test(the_exception_leaves_the_usage_to_the_callers_policy),
	    cmocka_unit_test(a_client_takes_only_verified_servers),
	    cmocka_unit_test(no_session_is_ever_resumed),
	    cmocka_unit_test(both_sides_know_each_other_and_talk),
	    cmocka_unit_test(a_server_that_dislikes_our_certificate_is_heard_at_the_first_read),
	    cmocka_unit_test(buffers_are_bounded),
	    cmocka_unit_test(garbage_is_refused),
	};

	return cmocka_run_group_tests(tests, make_pki, remove_pki);
}
