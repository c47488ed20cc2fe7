/* The parts of a laid out picture.
 *
 * A scene is a flat list of lines, boxes, texts and marks in page coordinates. It knows nothing of
 * handshakes and nothing of Graphviz: the layout decides where things stand, the painter how they
 * are written, the checker whether they may stand there.
 */
#include "viz/scene.h"

#include <string.h>

#include "viz/text_width.h"

static void item_free(gpointer data)
{
    SceneItem *item = data;
    g_free(item->id);
    g_free(item->classes);
    g_free(item->tooltip);
    g_free(item->text);
    g_free(item);
}

Scene *scene_new(double width, const char *title)
{
    Scene *scene = g_new0(Scene, 1);
    scene->width = width;
    scene->title = g_strdup(title);
    scene->items = g_ptr_array_new_with_free_func(item_free);
    return scene;
}

void scene_free(Scene *scene)
{
    if (scene == NULL)
        return;
    g_free(scene->title);
    g_ptr_array_unref(scene->items);
    g_free(scene);
}

SceneItem *scene_add(Scene *scene, SceneKind kind, const char *classes)
{
    SceneItem *item = g_new0(SceneItem, 1);
    item->kind = kind;
    item->classes = g_strdup(classes);
    item->lifeline = -1;
    g_ptr_array_add(scene->items, item);
    return item;
}

SceneItem *scene_line(Scene *scene, const char *classes, double x1, double y1, double x2, double y2,
                      const char *colour, double pen)
{
    SceneItem *item = scene_add(scene, SCENE_LINE, classes);
    item->left = x1;
    item->top = y1;
    item->right = x2;
    item->bottom = y2;
    item->colour = colour;
    item->pen = pen;
    return item;
}

double scene_leading(double size)
{
    return size * 1.2; /* what Graphviz takes for a line */
}

int scene_text_lines(const char *text)
{
    int lines = 1;
    for (const char *p = text; *p != '\0'; p++)
        lines += *p == '\n' ? 1 : 0;
    return lines;
}

double scene_text_width(const char *text, double size, bool bold)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    double width = 0;
    for (char **line = lines; *line != NULL; line++)
        width = MAX(width, text_width(*line, size, bold));
    return width;
}

SceneItem *scene_text(Scene *scene, const char *classes, double x, double y, bool centred,
                      const char *text, double size, bool bold, const char *colour)
{
    SceneItem *item = scene_add(scene, SCENE_TEXT, classes);
    double width = scene_text_width(text, size, bold);
    double height = scene_leading(size) * scene_text_lines(text);
    item->left = centred ? x - width / 2 : x;
    item->right = item->left + width;
    item->top = y - height / 2;
    item->bottom = y + height / 2;
    item->text = g_strdup(text);
    item->size = size;
    item->bold = bold;
    item->centred = centred;
    item->text_colour = colour;
    return item;
}

SceneItem *scene_box(Scene *scene, const char *classes, double left, double top, double right,
                     double bottom, const char *text, double size, bool bold, const char *colour,
                     const char *fill)
{
    SceneItem *item = scene_add(scene, SCENE_BOX, classes);
    item->left = left;
    item->top = top;
    item->right = right;
    item->bottom = bottom;
    item->text = g_strdup(text);
    item->size = size;
    item->bold = bold;
    item->centred = true;
    item->colour = item->text_colour = colour;
    item->fill = fill;
    item->pen = 0.5;
    return item;
}

SceneItem *scene_mark(Scene *scene, const char *classes, double x, double y, SceneMark mark,
                      const char *colour)
{
    static const double radii[] = {
        [MARK_RELAYED] = 2.75, [MARK_CHANGED] = 8.25, [MARK_DROPPED] = 6.9,
        [MARK_DELAYED] = 7,    [MARK_COPIED] = 3.5,
    };
    SceneItem *item = scene_add(scene, SCENE_MARK, classes);
    item->mark = mark;
    item->left = x - radii[mark];
    item->right = x + radii[mark];
    item->top = y - radii[mark];
    item->bottom = y + radii[mark];
    item->colour = colour;
    return item;
}
