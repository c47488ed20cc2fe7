/* Scene: a laid out picture in which every coordinate is known: what the layout makes, the checker
 * judges and the painter writes down. Points; the origin is the page's top left corner, y grows
 * downwards. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    SCENE_BAND,      /* a coloured area behind everything */
    SCENE_HIGHLIGHT, /* a broad stroke behind one row */
    SCENE_LIFELINE,  /* a vertical line; `lifeline` is its number */
    SCENE_LINE,      /* an arrow or a line from (left, top) to (right, bottom) */
    SCENE_BOX,       /* a head, pill or note with its text */
    SCENE_TEXT,      /* a label of one line or more */
    SCENE_MARK,      /* a sign on an arrow */
} SceneKind;

typedef enum {
    MARK_RELAYED, /* a small open circle */
    MARK_CHANGED, /* a diamond */
    MARK_DROPPED, /* a circle with a cross */
    MARK_DELAYED, /* an hourglass */
    MARK_COPIED,  /* a double circle */
} SceneMark;

typedef enum {
    STROKE_SOLID,
    STROKE_DASHED,
    STROKE_DOTTED,
} SceneStroke;

typedef struct {
    SceneKind kind;
    char *id, *classes, *tooltip;    /* any may be NULL */
    double left, top, right, bottom; /* of a line: its two ends, in the order of drawing */
    char *text;                      /* lines end in \n but the last; NULL: none */
    double size;                     /* of the text */
    bool bold;
    bool centred;                            /* the text's lines; else at the left */
    const char *colour, *fill, *text_colour; /* "#rrggbb", static */
    double pen;
    SceneStroke stroke;
    bool arrowhead;
    bool rounded;
    bool legend; /* part of the legend: stands below the lifelines */
    SceneMark mark;
    int lifeline; /* LIFELINE: its number; BOX: the one that it may cover, or -1 */
} SceneItem;

typedef struct {
    double width, height;
    char *title;
    GPtrArray *items; /* of SceneItem * */
} Scene;

Scene *scene_new(double width, const char *title);
void scene_free(Scene *scene);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scene, scene_free)

/* Adds an empty item; the scene owns it. */
SceneItem *scene_add(Scene *scene, SceneKind kind, const char *classes);

SceneItem *scene_line(Scene *scene, const char *classes, double x1, double y1, double x2, double y2,
                      const char *colour, double pen);
/* Centred on (x, y), or beginning at x. */
SceneItem *scene_text(Scene *scene, const char *classes, double x, double y, bool centred,
                      const char *text, double size, bool bold, const char *colour);
SceneItem *scene_box(Scene *scene, const char *classes, double left, double top, double right,
                     double bottom, const char *text, double size, bool bold, const char *colour,
                     const char *fill);
SceneItem *scene_mark(Scene *scene, const char *classes, double x, double y, SceneMark mark,
                      const char *colour);

/* The widest line of a text and how many lines it has. */
double scene_text_width(const char *text, double size, bool bold);
int scene_text_lines(const char *text);
/* From one line to the next. */
double scene_leading(double size);
