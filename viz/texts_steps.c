/* What other conversations make of the eleven steps of the handshake with RSA key exchange.
 *
 * One row a step: kept, changed, joined with another step, moved, or dropped; and in a few words
 * what is there in its place (NULL: nothing else). That comparison is a lesson in itself, so it is
 * data: the narration tells what is joined, moved and dropped where it happens, and sums all of it
 * up at the end.
 *
 * Facts after RFC 5246 7.3 (figures 1 and 2), F.1; RFC 4279 2; RFC 8446 2, 4.4, 4.6; RFC 6176;
 * draft-hickman-netscape-ssl 1.4, 2.5, 2.6.
 */
#include <glib.h>

#include "viz/texts.h"

#define KEPT "kept"
#define CHANGED "changed"
#define JOINED "joined"
#define MOVED "moved"
#define DROPPED "dropped"

/* clang-format off */
static const StepChange changes[CONVERSATION_KINDS][TEACHING_STEPS + 1] = {
    [CONVERSATION_RSA] = {
        {NULL, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, "where it is asked for"},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
    },
    [CONVERSATION_DHE] = {
        {NULL, NULL},
        {KEPT, "and the client names the groups that it takes"},
        {CHANGED, "the server also sends a public key for this handshake, signed (ServerKeyExchange)"},
        {CHANGED, "the client checks the certificate, and the signature over the server's public key"},
        {CHANGED, "no secret is sent: the client sends its public half, and both compute the secret"},
        {KEPT, "where it is asked for"},
        {CHANGED, "nothing is decrypted; the master secret comes out of what both computed"},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
    },
    [CONVERSATION_ANON] = {
        {NULL, NULL},
        {KEPT, NULL},
        {CHANGED, "no certificate: the server sends a public key that nobody signs"},
        {DROPPED, "there is nothing to check: anybody may be at the other end"},
        {CHANGED, "no secret is sent: the client sends its public half, and both compute the secret"},
        {DROPPED, "a server without certificate may not ask for one"},
        {CHANGED, "nothing is decrypted, and nobody is authenticated"},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
    },
    [CONVERSATION_PSK] = {
        {NULL, NULL},
        {KEPT, NULL},
        {CHANGED, "no certificate; at most a hint which key the server would use"},
        {MOVED, "to step 9: a Finished that is right proves that the server has the key"},
        {CHANGED, "the client sends the key's name; the premaster secret is made of the key"},
        {MOVED, "to step 8: a Finished that is right proves that the client has the key"},
        {CHANGED, "nothing is decrypted; the server looks the key up by its name"},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
        {KEPT, NULL},
    },
    [CONVERSATION_RESUMED] = {
        {NULL, NULL},
        {CHANGED, "the client names a session or shows a ticket beside its offers"},
        {CHANGED, "the server says that it remembers; no certificate, no request for one"},
        {DROPPED, "the server was checked in the first handshake; now its Finished proves that it is the same"},
        {DROPPED, "the old master secret is used again"},
        {DROPPED, "who the client is was part of the session"},
        {DROPPED, "there is no premaster secret"},
        {KEPT, "new randoms make a new key block out of the old master secret"},
        {MOVED, "behind step 9: the client finishes second"},
        {MOVED, "ahead of step 8: the server finishes first"},
        {KEPT, "data, one round trip earlier"},
        {KEPT, NULL},
    },
    [CONVERSATION_TLS13] = {
        {NULL, NULL},
        {CHANGED, "the client sends its key share at once"},
        {CHANGED, "ServerHello has the server's share; certificate and request follow encrypted"},
        {CHANGED, "the client checks the certificate, and a signature over the whole handshake"},
        {JOINED, "with steps 1 and 2: the key shares; no secret is sent"},
        {MOVED, "behind the server's Finished, and encrypted; only where it was asked for"},
        {CHANGED, "nothing is decrypted; early, handshake and master secret one out of the other"},
        {MOVED, "to the middle of step 2: handshake keys behind ServerHello, keys for data behind Finished"},
        {MOVED, "behind step 9: Finished alone; a ChangeCipherSpec says nothing"},
        {MOVED, "ahead of step 8: the server finishes first, in its first flight"},
        {KEPT, "data, one round trip earlier"},
        {CHANGED, "no renegotiation, but KeyUpdate, tickets and later authentication"},
    },
    [CONVERSATION_TLS13_PSK] = {
        {NULL, NULL},
        {CHANGED, "the client names a key and proves with a binder that it has it"},
        {CHANGED, "the server takes the key; no certificate, no request for one"},
        {MOVED, "to step 9: a Finished that is right proves that the server has the key"},
        {JOINED, "with steps 1 and 2: the key, and key shares where both want them"},
        {JOINED, "with step 1: the binder proves it"},
        {CHANGED, "the key goes into the early secret; handshake and master secret follow"},
        {MOVED, "to the middle of step 2; for early data even ahead of it"},
        {MOVED, "behind step 9: Finished alone; a ChangeCipherSpec says nothing"},
        {MOVED, "ahead of step 8: the server finishes first, in its first flight"},
        {KEPT, "data; early data even with the first message"},
        {CHANGED, "no renegotiation, but KeyUpdate, tickets and later authentication"},
    },
    [CONVERSATION_SSL2] = {
        {NULL, NULL},
        {CHANGED, "kinds of cipher and a challenge; no compression, no extensions"},
        {CHANGED, "the certificate is part of SERVER-HELLO; the server lists and does not choose"},
        {KEPT, NULL},
        {CHANGED, "the client chooses the cipher and sends the master key itself, encrypted"},
        {MOVED, "behind the keys: the request comes encrypted, and so does the answer"},
        {CHANGED, "the server decrypts the master key; SERVER-VERIFY proves it"},
        {CHANGED, "one key a direction, for cipher and MAC alike"},
        {CHANGED, "CLIENT-FINISHED: no digest; the connection ID comes back"},
        {CHANGED, "SERVER-FINISHED: no digest; the session gets its name"},
        {KEPT, NULL},
        {CHANGED, "there is no renegotiation"},
    },
    [CONVERSATION_SSL2_RESUMED] = {
        {NULL, NULL},
        {CHANGED, "the client names a session beside its offers"},
        {CHANGED, "the server knows it: no certificate, no list"},
        {DROPPED, "the server was checked in the first handshake"},
        {DROPPED, "the old master key is used again"},
        {DROPPED, "who the client is was part of the session"},
        {CHANGED, "SERVER-VERIFY proves that the server has the old master key"},
        {CHANGED, "new keys, since challenge and connection ID are new"},
        {CHANGED, "CLIENT-FINISHED: no digest; the connection ID comes back"},
        {CHANGED, "SERVER-FINISHED: no digest"},
        {KEPT, NULL},
        {CHANGED, "there is no renegotiation"},
    },
};
/* clang-format on */

const char *texts_conversation(ConversationKind kind)
{
    static const char *const names[CONVERSATION_KINDS] = {
        [CONVERSATION_RSA] = "the RSA key exchange",
        [CONVERSATION_DHE] = "an ephemeral key exchange",
        [CONVERSATION_ANON] = "an anonymous key exchange",
        [CONVERSATION_PSK] = "a pre-shared key",
        [CONVERSATION_RESUMED] = "a resumption",
        [CONVERSATION_TLS13] = "TLS 1.3",
        [CONVERSATION_TLS13_PSK] = "TLS 1.3 with a pre-shared key",
        [CONVERSATION_SSL2] = "SSL 2.0",
        [CONVERSATION_SSL2_RESUMED] = "a resumption in SSL 2.0",
    };
    return names[kind];
}

const StepChange *texts_change(ConversationKind kind, int step)
{
    return step >= 1 && step <= TEACHING_STEPS ? &changes[kind][step] : NULL;
}
