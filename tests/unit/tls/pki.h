/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small certificate maker for tests: authorities and certificates with chosen names, dates and
 * usages, P-256, written as PEM files (keys with mode 0600).
 */
#pragma once

#include <stdbool.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/ecc.h>

#define PKI_PATH 256U

struct pki_party {
	char certificate[PKI_PATH];
	char key[PKI_PATH];
	char common_name[64];
	ecc_key secret;
};

struct pki_request {
	const char *name;        /* of the files */
	const char *common_name; /* NULL: none */
	const char *san[8];      /* "DNS:a.example", "URI:sip:a.example" */
	const char *usage;       /* NULL: no extended key usage; "serverAuth,clientAuth" */
	int from_days, to_days;  /* relative to now; both 0: -1 to 30 */
	bool authority;
};

/* issuer NULL: self-signed. 0 or -1. */
int pki_make(struct pki_party *party, const char *directory, const struct pki_request *request,
	     struct pki_party *issuer);
void pki_party_free(struct pki_party *party);

/* A directory that pki_directory_remove() removes with all files in it. */
int pki_directory_make(char *path, size_t size);
void pki_directory_remove(const char *path);
