/* shakedown new: a scenario to start from.
 *
 * It runs as it is, and says in comments what else could stand there. A file that is there already
 * is left alone, unless it shall be replaced.
 */
#include <string.h>

#include "scenarios/cli/command.h"
#include "scenarios/cli/output.h"

static gboolean force;

static const GOptionEntry entries[] = {
    {"force", 0, 0, G_OPTION_ARG_NONE, &force, "Replace a file that is there already", NULL},
    {NULL},
};

static GOptionContext *context(void)
{
    return command_context("[FILE]", "Writes a commented scenario to start from.", entries,
                           "Without FILE it goes to standard output.\n"
                           "\n"
                           "Examples:\n"
                           "  shakedown new mine.scn && shakedown run mine.scn");
}

static const char starter[] =
    "# A scenario of your own. Run it:      shakedown run FILE\n"
    "# Check it without running:            shakedown check FILE\n"
    "# With every default said:             shakedown show FILE\n"
    "# All statements, and all suites:      shakedown show statements; shakedown show suites\n"
    "# Scenarios to take pieces from:       shakedown list; shakedown show NAME\n"
    "#\n"
    "# Sections begin at the margin, statements are indented, one a line. What is not said has a\n"
    "# default: remove everything below the first line, and it still is a handshake.\n"
    "\n"
    "scenario \"My first handshake\"\n"
    "  about    \"A client and a server agree on TLS 1.2, and the client fetches a page.\"\n"
    "  spec     RFC 5246 7.3\n"
    "  # seed   7                    # another seed: other randoms, other keys\n"
    "\n"
    "# The lab has a certification authority (lab-root), a server's certificate (www) and a\n"
    "# client's (alice). What is said here of one of them replaces its default.\n"
    "# certificate www\n"
    "#   valid  2024-01-01 to 2025-12-31     # expired: the client should refuse it\n"
    "\n"
    "# client like IE 6            # or as another known one: shakedown show presets\n"
    "client\n"
    "  versions TLS 1.0 to TLS 1.2 # SSL 2.0, SSL 3.0, TLS 1.0 to TLS 1.3\n"
    "  suites   TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_RC4_128_SHA\n"
    "  # shows  alice                # when the server asks for a certificate\n"
    "\n"
    "server\n"
    "  versions TLS 1.0 to TLS 1.2\n"
    "  # asks   client certificate, required\n"
    "\n"
    "# balancer                    # ends the client's TLS in front of the server\n"
    "#   behind plain text\n"
    "\n"
    "# network\n"
    "#   tap  holds the server's key                    # somebody listens\n"
    "#   on ServerHello from server: replace cipher_suite with TLS_RSA_WITH_NULL_MD5\n"
    "\n"
    "play\n"
    "  client requests \"/\"\n"
    "  client closes\n"
    "\n"
    "expect\n"
    "  both     connected\n"
    "  version  TLS 1.2\n"
    "  suite    TLS_RSA_WITH_AES_128_CBC_SHA\n"
    "  answer   \"/\" 200\n"
    "  no alert\n";

static Status play(char **names)
{
    g_autoptr(GError) error = NULL;
    if (*names == NULL || strcmp(*names, "-") == 0)
        return print_out(starter);
    if (names[1] != NULL)
        return complain_usage("new", "it writes one file");
    g_autofree char *shown = g_filename_display_name(*names);
    if (!output_file(*names, starter, strlen(starter), force ? OUTPUT_REPLACE : OUTPUT_CREATE,
                     &error)) {
        if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_EXIST))
            return complain_error(g_steal_pointer(&error));
        return complain_usage("new", "%s is there already; --force replaces it", shown);
    }
    complain("wrote %s; now: shakedown run %s", shown, shown);
    return STATUS_HELD;
}

const Verb verb_new = {"new", "writes a scenario to start from", context, play};
