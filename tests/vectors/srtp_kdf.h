/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Session keys that are derived from a master key and salt, for SRTP (labels 0, 1, 2). */
#pragma once

struct srtp_kdf_vector {
	const char *source;
	const char *master_key;
	const char *master_salt;
	const char *cipher_key;
	const char *cipher_salt;
	const char *auth_key; /* as long as the source prints it */
};

static const struct srtp_kdf_vector srtp_kdf_vectors[] = {
    {
	"RFC 3711 B.3",
	"E1F97A0D3E018BE0D64FA32C06DE4139",
	"0EC675AD498AFEEBB6960B3AABE6",
	"C61E7A93744F39EE10734AFE3FF7A087",
	"30CBBC08863D8C85D49DB34A9AE1",
	"CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCE"
	"E049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25"
	"6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2",
    },
    {
	"RFC 6188 7.4",
	"73edc66c4fa15776fb57f9505c17136550ffda71f3e8e5f1",
	"c8522f3acd4ce86d5add78edbb11",
	"31874736a8f1143870c26e4857d8a5b2c4a354407faadabb",
	"2372b82d639b6d8503a47adc0a6c",
	"355b10973cd95b9eacf4061c7e1a7151e7cfbfcb",
    },
    {
	"RFC 6188 7.2",
	"f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6",
	"3b04803de51ee7c96423ab5b78d2",
	"5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4",
	"fa31791685ca444a9e07c6c64e93",
	"fd9c32d39ed5fbb5a9dc96b30818454d1313dc05",
    },
};
