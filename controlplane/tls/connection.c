/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection: wolfSSL between two buffers, and the assertions that make "up" mean something. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls/internal.h"

#include <wolfssl/error-ssl.h>

struct buffer {
	uint8_t *data;
	size_t start, end, capacity;
};

struct tls_connection {
	WOLFSSL *ssl;
	enum tls_role role;
	bool up;
	struct buffer in;  /* ciphertext that wolfSSL has not taken yet */
	struct buffer out; /* ciphertext that the caller has not sent yet */
	char failure[256];
};

static size_t buffer_length(const struct buffer *buffer)
{
	return buffer->end - buffer->start;
}

static void buffer_consume(struct buffer *buffer, size_t length)
{
	buffer->start += length;
	if (buffer->start == buffer->end)
		buffer->start = buffer->end = 0;
}

static int buffer_append(struct buffer *buffer, const void *data, size_t length, size_t max)
{
	size_t used = buffer_length(buffer);

	if (length > max - used)
		return -ENOBUFS;
	if (length == 0)
		return 0;
	if (buffer->start) {
		memmove(buffer->data, buffer->data + buffer->start, used);
		buffer->start = 0;
		buffer->end = used;
	}
	if (used + length > buffer->capacity) {
		size_t capacity = buffer->capacity ? buffer->capacity : 4096;

		while (capacity < used + length)
			capacity *= 2;
		uint8_t *grown = realloc(buffer->data, capacity);

		if (!grown)
			return -ENOMEM;
		buffer->data = grown;
		buffer->capacity = capacity;
	}
	memcpy(buffer->data + used, data, length);
	buffer->end += length;
	return 0;
}

static int io_receive(WOLFSSL *ssl, char *data, int size, void *user)
{
	struct tls_connection *connection = user;
	size_t length = buffer_length(&connection->in);

	(void)ssl;
	if (length == 0)
		return WOLFSSL_CBIO_ERR_WANT_READ;
	if (length > (size_t)size)
		length = (size_t)size;
	memcpy(data, connection->in.data + connection->in.start, length);
	buffer_consume(&connection->in, length);
	return (int)length;
}

/* Never asks to wait: tls_write() has looked for room, and what a handshake or an alert needs is
 * small. A peer that makes us answer without end and reads nothing runs into the bound. */
static int io_send(WOLFSSL *ssl, char *data, int size, void *user)
{
	struct tls_connection *connection = user;

	(void)ssl;
	if (buffer_append(&connection->out, data, (size_t)size, TLS_OUTPUT_MAX) < 0)
		return WOLFSSL_CBIO_ERR_GENERAL;
	return size;
}

void tls_io_install(WOLFSSL_CTX *ctx)
{
	wolfSSL_CTX_SetIORecv(ctx, io_receive);
	wolfSSL_CTX_SetIOSend(ctx, io_send);
}

/* RFC 6066 3: a name, never an address. */
static bool is_host_name(const char *name)
{
	return name && name[0] && !strchr(name, ':') && strspn(name, "0123456789.") != strlen(name);
}

int tls_connection_new(struct tls_connection **connection, struct tls_context *context,
		       const char *name)
{
	struct tls_connection *made = calloc(1, sizeof(*made));

	*connection = NULL;
	if (!made)
		return -ENOMEM;
	made->role = context->role;
	made->ssl = wolfSSL_new(context->ctx);
	if (!made->ssl)
		goto fail;
	wolfSSL_SetIOReadCtx(made->ssl, made);
	wolfSSL_SetIOWriteCtx(made->ssl, made);
	if (context->role == TLS_CLIENT && is_host_name(name) &&
	    wolfSSL_UseSNI(made->ssl, WOLFSSL_SNI_HOST_NAME, name, (unsigned short)strlen(name)) !=
		WOLFSSL_SUCCESS)
		goto fail;
	*connection = made;
	return 0;
fail:
	tls_connection_free(made);
	return -ENOMEM;
}

void tls_connection_free(struct tls_connection *connection)
{
	if (!connection)
		return;
	wolfSSL_free(connection->ssl);
	free(connection->in.data);
	free(connection->out.data);
	free(connection);
}

int tls_input(struct tls_connection *connection, const void *data, size_t length)
{
	return buffer_append(&connection->in, data, length, TLS_INPUT_MAX);
}

size_t tls_output(struct tls_connection *connection, const uint8_t **data)
{
	*data = connection->out.data ? connection->out.data + connection->out.start : NULL;
	return buffer_length(&connection->out);
}

void tls_output_done(struct tls_connection *connection, size_t length)
{
	buffer_consume(&connection->out, length);
}

static enum tls_progress fail(struct tls_connection *connection, const char *reason)
{
	snprintf(connection->failure, sizeof(connection->failure), "%s", reason);
	connection->up = false;
	return TLS_FAILED;
}

static enum tls_progress fail_with(struct tls_connection *connection, int error)
{
	tls_failure_text(connection->failure, sizeof(connection->failure), connection->ssl,
			 connection->role, error);
	connection->up = false;
	return TLS_FAILED;
}

static const struct tls_suite *suite_of(const struct tls_connection *connection)
{
	return tls_suite_find((uint16_t)wolfSSL_get_current_cipher_suite(connection->ssl));
}

/* Each of these has been seen to be possible with a context that was set up less carefully. */
static enum tls_progress assert_up(struct tls_connection *connection)
{
	if (wolfSSL_version(connection->ssl) < TLS1_2_VERSION)
		return fail(connection, "TLS version is too old");
	if (!suite_of(connection))
		return fail(connection, "cipher suite is not allowed");
	if (wolfSSL_session_reused(connection->ssl))
		return fail(connection, "session was resumed, so its certificate was not verified");
	WOLFSSL_X509 *x509 = wolfSSL_get_peer_certificate(connection->ssl);

	if (!x509)
		return fail(connection, "no certificate shown");
	wolfSSL_X509_free(x509);
	connection->up = true;
	return TLS_UP;
}

enum tls_progress tls_handshake(struct tls_connection *connection)
{
	if (connection->up)
		return TLS_UP;
	if (connection->failure[0])
		return TLS_FAILED;
	int result = connection->role == TLS_SERVER ? wolfSSL_accept(connection->ssl)
						    : wolfSSL_connect(connection->ssl);

	if (result == WOLFSSL_SUCCESS)
		return assert_up(connection);
	int error = wolfSSL_get_error(connection->ssl, result);

	if (error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE)
		return TLS_MORE;
	return fail_with(connection, error);
}

const char *tls_failure(const struct tls_connection *connection)
{
	return connection->failure;
}

long tls_read(struct tls_connection *connection, void *data, size_t size)
{
	if (!connection->up)
		return connection->failure[0] ? -EPROTO : -EAGAIN;
	int n = wolfSSL_read(connection->ssl, data, size > INT32_MAX ? INT32_MAX : (int)size);

	if (n > 0)
		return n;
	int error = wolfSSL_get_error(connection->ssl, n);

	if (error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE)
		return -EAGAIN;
	if (error == WOLFSSL_ERROR_ZERO_RETURN)
		return 0;
	fail_with(connection, error);
	return -EPROTO;
}

int tls_write(struct tls_connection *connection, const void *data, size_t length)
{
	/* a record of 16 KiB grows by less than 64 bytes */
	size_t need = length + 64 * (length / 16384 + 1);

	if (!connection->up)
		return -ENOTCONN;
	if (length == 0)
		return 0;
	if (need > TLS_OUTPUT_MAX - buffer_length(&connection->out))
		return -ENOBUFS;
	int n = wolfSSL_write(connection->ssl, data, (int)length);

	if (n == (int)length)
		return 0;
	fail_with(connection, wolfSSL_get_error(connection->ssl, n));
	return -EPROTO;
}

void tls_shutdown(struct tls_connection *connection)
{
	if (connection->up)
		(void)wolfSSL_shutdown(connection->ssl);
	connection->up = false;
	if (!connection->failure[0])
		fail(connection, "closed by us");
}

int tls_peer(const struct tls_connection *connection, struct tls_identities *identities,
	     struct tls_certificate *certificate)
{
	WOLFSSL_X509 *x509 = connection->up ? wolfSSL_get_peer_certificate(connection->ssl) : NULL;
	int result = 0;

	if (!x509)
		return -ENOTCONN;
	if (identities)
		result = tls_identities_read(identities, x509);
	if (certificate)
		tls_certificate_read(certificate, x509);
	wolfSSL_X509_free(x509);
	return result;
}

const char *tls_version(const struct tls_connection *connection)
{
	return wolfSSL_get_version(connection->ssl);
}

const char *tls_cipher(const struct tls_connection *connection)
{
	const struct tls_suite *suite = suite_of(connection);

	return suite ? suite->name : "none";
}

bool tls_encrypted(const struct tls_connection *connection)
{
	return connection->up && suite_of(connection);
}
