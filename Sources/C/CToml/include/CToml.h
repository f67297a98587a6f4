// The C face of toml++: a document as a list of its values, each with the line of its key.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    ctoml_table,
    ctoml_array,
    ctoml_text,
    ctoml_integer,
    ctoml_real,
    ctoml_boolean,
    ctoml_date,
    ctoml_time,
    ctoml_date_time,
} ctoml_kind;

/// One value. Texts are UTF-8, may hold NUL, and live as long as the call that hands them over.
typedef struct {
    ctoml_kind kind;
    const char *key;  ///< Of a value in a table; NULL in an array and for the document itself.
    size_t key_length;
    uint32_t line;  ///< Of the key, else of the value; from 1.
    size_t count;   ///< Values in a table or an array: the next ones, each followed by its own.
    const char *text;
    size_t text_length;
    int64_t integer;
    double real;
    bool boolean;
} ctoml_value;

/// Why a text is not TOML, cut where it is too long, and where.
typedef struct {
    char words[256];
    uint32_t line;
} ctoml_fault;

/// Hands over every value of the document `text`, the document itself first. False, with `fault` filled and nothing
/// handed over, where it is not TOML 1.0.
bool ctoml_read(const char *text, size_t length, void *context, void (*take)(void *context, const ctoml_value *value),
                ctoml_fault *fault);

#ifdef __cplusplus
}
#endif
