/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A context in the making: what context.c, credentials.c and file.c share. */
#pragma once

#include "tls/internal.h"

struct tls_build {
	const struct tls_settings *settings;
	WOLFSSL_CTX *ctx;
	char *error; /* takes the reason of a refusal */
	size_t size;
};

/* Writes the reason and returns result. */
int tls_refuse(struct tls_build *build, int result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct tls_blob {
	unsigned char *data; /* with a NUL after it */
	size_t length;
};

enum tls_secrecy { TLS_PUBLIC, TLS_SECRET };

/* Reads path, which is a what; of a secret file also the mode is judged. 0 or -errno, refused. The
 * caller frees blob in any case. */
int tls_file_read(struct tls_build *build, struct tls_blob *blob, const char *what,
		  const char *path, enum tls_secrecy secrecy);
/* Wipes and frees. */
void tls_blob_free(struct tls_blob *blob);

/* 0 or -errno, refused. own may be NULL. */
int tls_use_certificate(struct tls_build *build, struct tls_certificate *own);
int tls_use_private_key(struct tls_build *build);
int tls_use_trust(struct tls_build *build);
