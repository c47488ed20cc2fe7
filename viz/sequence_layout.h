/* Layout: a flow as a scene. Inside the room only: sequence.h is what others see. */
#pragma once

#include "viz/flow.h"
#include "viz/scene.h"
#include "viz/sequence.h"

/* How tightly rows are set. */
typedef enum {
    LAYOUT_AIRY,    /* name above the arrow, detail below */
    LAYOUT_COMPACT, /* both above it, side by side */
} LayoutDensity;

typedef struct {
    SequenceFormat format;
    LayoutDensity density;
    double spread; /* points added to each row */
    bool folded;   /* says so in the subtitle */
} LayoutOptions;

enum {
    SLIDE_WIDTH = 960,
    SLIDE_HEIGHT = 540,
    TALL_WIDTH = 595, /* A4 */
};

/* Its height is what it needs; a slide's is SLIDE_HEIGHT at least. `*needed` (may be NULL) is the
 * height without the room that a slide has left over. */
Scene *sequence_layout(const Flow *flow, const LayoutOptions *options, double *needed);

/* ---- shared by the files of the layout ---- */

typedef struct {
    int epoch; /* the last one seen; 0: in the clear */
    Under under;
} Keys;

typedef struct {
    const Flow *flow;
    const LayoutOptions *options;
    Scene *scene;
    bool slide, airy;
    double side[2];       /* from the page's edges to the outer lifelines: left, right */
    double *x;            /* of each party's lifeline */
    double *network;      /* of each link's network lifeline; 0: none */
    double life_top;      /* where lifelines begin */
    double y;             /* the layout's cursor: the bottom of what is laid out */
    double column[2];     /* how far the left and the right margin are taken */
    double free_above[2]; /* how far they were taken before the row at hand */
    double name_size, detail_size, pill_size, note_size, number_size;
    GArray *bands; /* of Band: open until the end */
    Keys *keys;    /* a link and direction: those in use */
} Layout;

typedef struct {
    int link, direction;
    double top, bottom; /* bottom 0: still open */
    int level;
} Band;

/* Colours; each pair of text and ground has a contrast of 4.5 : 1 or better. */
#define COLOUR_PLAIN "#334155"
#define COLOUR_SECRET "#6d28d9"
#define COLOUR_CHANGED "#b45309"
#define COLOUR_CHANGED_TEXT "#92400e"
#define COLOUR_ALERT "#b91c1c"
#define COLOUR_DETAIL "#475569"
#define COLOUR_TITLE "#1e293b"
#define COLOUR_KEYS "#065f46"
#define COLOUR_LIFELINE "#94a3b8"
#define FILL_CHANGED "#fef3c7"
#define FILL_DROPPED "#fef2f2"
#define FILL_ALERT "#fee2e2"
#define FILL_WHITE "#ffffff"

typedef struct {
    const char *fill, *colour;
} PartyColours;
PartyColours party_colours(PartyKind kind);

/* sequence_frame.c: what stands around the rows. */
void frame_begin(Layout *layout);
void frame_end(Layout *layout, double *needed);
void frame_keys(Layout *layout, const FlowRow *row);
void frame_connection(Layout *layout, const FlowRow *row);

/* sequence_notes.c: pills and notes beside and under a row. `y` is the arrow's. */
void notes_beside(Layout *layout, const FlowRow *row, double y);
void notes_under(Layout *layout, const FlowRow *row);
/* How far down the arrow must stand for the pills beside it to have room. */
double notes_floor(const Layout *layout, const FlowRow *row);
