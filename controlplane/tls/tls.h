/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mutual TLS on wolfSSL: contexts with safe settings only, handshakes over memory buffers (the
 * caller moves the bytes), identities of certificates (RFC 5922). Secure by construction: a context
 * that cannot be proven to verify its peer is not made.
 *
 * Thread: one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TLS_IDENTITIES_MAX 32U
#define TLS_IDENTITY_MAX 256U
#define TLS_INPUT_MAX 65536U   /* ciphertext that waits to be read */
#define TLS_OUTPUT_MAX 262144U /* ciphertext that waits to be sent */

enum tls_role { TLS_SERVER, TLS_CLIENT };

/* Facts of a certificate that are logged (R6). */
struct tls_certificate {
	char subject[256];
	char issuer[256];
	char serial[64]; /* hexadecimal */
	char sha1[64];   /* thumbprints, hexadecimal */
	char sha256[96];
	int64_t not_before; /* seconds since the epoch */
	int64_t not_after;
	bool client_auth; /* extended key usage allows it (or there is none) */
	bool server_auth;
};

/* Who a certificate says it is: URI SANs with scheme sip and no user part, else DNS SANs, else the
 * common name only when there is no SAN at all. Lower case. */
struct tls_identities {
	unsigned count;
	char name[TLS_IDENTITIES_MAX][TLS_IDENTITY_MAX];
};

/* Exact, case-insensitive; a wildcard ("*.example.com", one label) only when allowed. */
bool tls_identity_match(const struct tls_identities *identities, const char *fqdn,
			bool allow_wildcard);

struct tls_context;

struct tls_settings {
	enum tls_role role;
	const char *certificate; /* PEM file, our own first, then the chain */
	const char *private_key; /* PEM file without password, mode 0600 or 0640 */
	const char *trust;       /* PEM file, certificates of authorities only */
	bool tls13_only;
	/* Server: client certificates without clientAuth pass the handshake; the caller then asks
	 * certificate.client_auth, and server_auth with its policy about that peer. */
	bool server_auth_only;
};

/*
 * Once a process, before all else here. Refuses a wolfSSL below 5.5.4 (-ENOTSUP) and one that
 * accepts forged certificates (-EKEYREJECTED: Debian's package before deb12u3); error takes what is
 * wrong and what to do. 0 or -errno. Takes a few milliseconds.
 */
int tls_start(char *error, size_t size);
/* own (may be NULL) takes the facts of our certificate. Returns 0 or -errno with error filled: file
 * missing, key not matching, key file readable by others, expired, trust empty… */
int tls_context_new(struct tls_context **context, const struct tls_settings *settings,
		    struct tls_certificate *own, char *error, size_t size);
void tls_context_free(struct tls_context *context); /* live connections keep what they need */

/*
 * One connection. Ciphertext goes in by tls_input(), comes out by tls_output(); plaintext in by
 * tls_write(), out by tls_read(). name: a client's expected FQDN, for SNI.
 */
struct tls_connection;
int tls_connection_new(struct tls_connection **connection, struct tls_context *context,
		       const char *name);
void tls_connection_free(struct tls_connection *connection);

/* 0; -ENOBUFS: more than TLS_INPUT_MAX would wait, so read first. */
int tls_input(struct tls_connection *connection, const void *data, size_t length);
/* Bytes to send now; points into the connection, gone after tls_output_done(). */
size_t tls_output(struct tls_connection *connection, const uint8_t **data);
void tls_output_done(struct tls_connection *connection, size_t length);

enum tls_progress {
	TLS_MORE,   /* wants more input */
	TLS_UP,     /* handshake done and all assertions hold */
	TLS_FAILED, /* tls_failure() says why; send tls_output() (the alert), then close */
};
enum tls_progress tls_handshake(struct tls_connection *connection);
const char *tls_failure(const struct tls_connection *connection); /* named reason, for people */

/*
 * Plaintext: bytes, -EAGAIN (none), 0 (closed by the peer), -EPROTO (tls_failure() says why). A
 * TLS 1.3 client's handshake ends before the server has judged its certificate: a refusal shows up
 * here, as a failure of the first read.
 */
long tls_read(struct tls_connection *connection, void *data, size_t size);
/* All of it or -errno: -ENOBUFS when more than TLS_OUTPUT_MAX would wait to be sent. */
int tls_write(struct tls_connection *connection, const void *data, size_t length);
void tls_shutdown(struct tls_connection *connection);

/*
 * After TLS_UP: who the other side is; either may be NULL. 0; -ENOENT: the certificate names nobody
 * that counts; -EBADMSG: its names cannot be read; -ENOTCONN.
 */
int tls_peer(const struct tls_connection *connection, struct tls_identities *identities,
	     struct tls_certificate *certificate);
const char *tls_version(const struct tls_connection *connection); /* "TLSv1.3" */
const char *tls_cipher(const struct tls_connection *connection);
/* True when what is sent is encrypted, not only authenticated: SDES needs it. */
bool tls_encrypted(const struct tls_connection *connection);
