/* The table of a speaker, called.
 *
 * Nothing is decided here but one thing: an act that a kind leaves out of its table is one that it
 * cannot do, and that is an answer, not an error. Who speaks, and how, is not known here.
 */
#include "sim/speaker.h"

void speaker_start(Speaker *speaker, uint64_t now)
{
    speaker->kind->start(speaker, now);
}

void speaker_receive(Speaker *speaker, Bytes bytes, uint64_t now)
{
    speaker->kind->receive(speaker, bytes, now);
}

Bytes speaker_output(const Speaker *speaker)
{
    return speaker->kind->output(speaker);
}

void speaker_output_sent(Speaker *speaker)
{
    speaker->kind->output_sent(speaker);
}

bool speaker_ends_transport(const Speaker *speaker)
{
    return speaker->kind->ends_transport(speaker);
}

void speaker_transport_ended(Speaker *speaker, uint64_t now)
{
    speaker->kind->transport_ended(speaker, now);
}

void speaker_time_out(Speaker *speaker, uint64_t now)
{
    speaker->kind->time_out(speaker, now);
}

bool speaker_next_event(Speaker *speaker, EndpointEvent *event)
{
    return speaker->kind->next_event(speaker, event);
}

void speaker_free(Speaker *speaker)
{
    if (speaker != NULL)
        speaker->kind->free(speaker);
}

EndpointState speaker_state(const Speaker *speaker)
{
    return speaker->kind->state(speaker);
}

bool speaker_waits(const Speaker *speaker)
{
    return speaker->kind->waits(speaker);
}

bool speaker_in_handshake(const Speaker *speaker)
{
    return speaker->kind->in_handshake(speaker);
}

bool speaker_was_connected(const Speaker *speaker)
{
    return speaker->kind->was_connected(speaker);
}

const Version *speaker_version(const Speaker *speaker)
{
    return speaker->kind->version(speaker);
}

const Certificate *speaker_peer_certificate(const Speaker *speaker)
{
    return speaker->kind->peer_certificate(speaker);
}

bool speakers_repeat(const Plan *plan)
{
    for (guint i = 0; i < plan->parties->len; i++) {
        const PlanParty *party = g_ptr_array_index(plan->parties, i);
        if (party->source != NULL && !party->source->repeats)
            return false;
    }
    return true;
}

static SpeakerAnswer answer(bool done)
{
    return done ? SPEAKER_DONE : SPEAKER_NOT_NOW;
}

SpeakerAnswer speaker_send(Speaker *speaker, Bytes data, uint64_t now)
{
    if (speaker->kind->send == NULL)
        return SPEAKER_CANNOT;
    return answer(speaker->kind->send(speaker, data, now));
}

SpeakerAnswer speaker_renegotiate(Speaker *speaker, ClientAuth client_auth, uint64_t now)
{
    if (speaker->kind->renegotiate == NULL)
        return SPEAKER_CANNOT;
    return answer(speaker->kind->renegotiate(speaker, client_auth, now));
}

SpeakerAnswer speaker_close(Speaker *speaker, uint64_t now)
{
    if (speaker->kind->close == NULL)
        return SPEAKER_CANNOT;
    return answer(speaker->kind->close(speaker, now));
}

SpeakerAnswer speaker_abort(Speaker *speaker, AlertDescription alert, const char *sentence,
                            uint64_t now)
{
    if (speaker->kind->abort == NULL)
        return SPEAKER_CANNOT;
    return answer(speaker->kind->abort(speaker, alert, sentence, now));
}

SpeakerAnswer speaker_update_keys(Speaker *speaker, bool request, uint64_t now)
{
    if (speaker->kind->update_keys == NULL)
        return SPEAKER_CANNOT;
    return answer(speaker->kind->update_keys(speaker, request, now));
}

SpeakerAnswer speaker_ask_certificate(Speaker *speaker, ClientAuth client_auth, uint64_t now)
{
    if (speaker->kind->ask_certificate == NULL)
        return SPEAKER_CANNOT;
    return answer(speaker->kind->ask_certificate(speaker, client_auth, now));
}

SpeakerAnswer speaker_heartbeat(Speaker *speaker, Bytes payload, uint64_t now)
{
    if (speaker->kind->heartbeat == NULL)
        return SPEAKER_CANNOT;
    return answer(speaker->kind->heartbeat(speaker, payload, now));
}

SpeakerAnswer speaker_export(Speaker *speaker, const char *label, uint64_t now)
{
    if (speaker->kind->export == NULL)
        return SPEAKER_CANNOT;
    return answer(speaker->kind->export(speaker, label, now));
}

void speaker_tell_cost(Speaker *speaker)
{
    if (speaker->kind->tell_cost != NULL)
        speaker->kind->tell_cost(speaker);
}
