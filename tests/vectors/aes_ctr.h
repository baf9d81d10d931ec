/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keystream of AES in counter mode. */
#pragma once

struct aes_ctr_vector {
	const char *source;
	const char *key;
	const char *counter;
	const char *keystream; /* from that counter on */
};

#define RFC3711_B2_KEY "2B7E151628AED2A6ABF7158809CF4F3C"
#define RFC6188_192_KEY "eab234764e517b2d3d160d587d8c86219740f65f99b6bcf7"
#define RFC6188_256_KEY "57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98"

static const struct aes_ctr_vector aes_ctr_vectors[] = {
    {
	"RFC 3711 B.2, blocks 0 to 2",
	RFC3711_B2_KEY,
	"F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000",
	"E03EAD0935C95E80E166B16DD92B4EB4"
	"D23513162B02D0F72A43A2FE4A5F97AB"
	"41E95B3BB0A2E8DD477901E4FCA894C0",
    },
    {
	"RFC 3711 B.2, blocks FEFF to FF01",
	RFC3711_B2_KEY,
	"F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF",
	"EC8CDF7398607CB0F2D21675EA9EA1E4"
	"362B7C3C6773516318A077D7FC5073AE"
	"6A2CC3787889374FBEB4C81B17BA6C44",
    },
    {
	"SP 800-38A F.5.3, CTR-AES192, block 1 (its ciphertext XOR its plaintext)",
	"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
	"f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
	"717d2dc639128334a6167a488ded7921",
    },
    {
	"RFC 6188 7.3, blocks 0 to 2",
	RFC6188_192_KEY,
	"f0f1f2f3f4f5f6f7f8f9fafbfcfd0000",
	"35096cba4610028dc1b57503804ce37c"
	"5de986291dcce161d5165ec4568f5c9a"
	"474a40c77894bc17180202272a4c264d",
    },
    {
	"RFC 6188 7.1, blocks 0 to 2",
	RFC6188_256_KEY,
	"f0f1f2f3f4f5f6f7f8f9fafbfcfd0000",
	"92bdd28a93c3f52511c677d08b5515a4"
	"9da71b2378a854f67050756ded165bac"
	"63c4868b7096d88421b563b8c94c9a31",
    },
};
