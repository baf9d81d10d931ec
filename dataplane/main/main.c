/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sluice-dataplane: options, and the life of the process. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "main/dataplane.h"
#include "main/log.h"
#include "main/notify.h"

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] = "usage: sluice-dataplane [--config FILE] [--check]\n"
			    "  -c, --config FILE  configuration (default " CONFIG_PATH ")\n"
			    "      --check        check the configuration and exit\n"
			    "      --version      show the version and exit\n"
			    "  -h, --help         show this text and exit\n"
			    "See sluice-dataplane(8).\n";

struct options {
	const char *config;
	bool check;
};

/* Returns -1 to go on, or the exit code. */
static int options_read(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {{"config", required_argument, NULL, 'c'},
					      {"check", no_argument, NULL, 'k'},
					      {"version", no_argument, NULL, 'V'},
					      {"help", no_argument, NULL, 'h'},
					      {NULL, 0, NULL, 0}};
	int option;

	*options = (struct options){.config = CONFIG_PATH};
	while ((option = getopt_long(argc, argv, "c:h", known, NULL)) >= 0) {
		switch (option) {
		case 'c':
			options->config = optarg;
			break;
		case 'k':
			options->check = true;
			break;
		case 'V':
			puts("sluice-dataplane " SLUICE_VERSION);
			return EXIT_DONE;
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "sluice-dataplane: unexpected argument '%s'\n%s", argv[optind], usage);
	return EXIT_USAGE;
}

static int run(const struct config *config)
{
	struct dataplane *dataplane;
	char text[512] = "";
	int rc = dataplane_start(&dataplane, config, text, sizeof(text));

	if (rc) {
		log_event(LOG_START_FAILED, "%s", text[0] ? text : strerror(-rc));
		return EXIT_FAILED;
	}
	log_event(LOG_READY, "ready: %u worker%s, at most %u sessions, %s",
		  dataplane_workers(dataplane), dataplane_workers(dataplane) == 1 ? "" : "s",
		  config->max_sessions, config->media_socket);
	notify_state("READY=1");
	rc = dataplane_run(dataplane);
	notify_state("STOPPING=1");
	dataplane_stop(dataplane);
	log_event(LOG_STOPPED, "stopped");
	return rc ? EXIT_FAILED : EXIT_DONE;
}

int main(int argc, char **argv)
{
	static struct config config;
	struct options options;
	int code = options_read(&options, argc, argv);

	if (code >= 0)
		return code;
	if (config_load(&config, options.config, stderr)) {
		log_event(LOG_CONFIG_REFUSED, "%s is refused: see the lines above", options.config);
		return EXIT_FAILED;
	}
	if (options.check) {
		printf("%s: good\n", options.config);
		return EXIT_DONE;
	}
	return run(&config);
}
