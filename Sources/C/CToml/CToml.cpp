#include "CToml.h"

// Some texts that are no TOML, such as "[{", break what the parser asserts; the code behind its assertions refuses them.
// With NDEBUG it would build on the assertions instead.
#undef NDEBUG
#define TOML_ASSERT(expr) static_cast<void>(0)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>

namespace {

using Take = void (*)(void *, const ctoml_value *);

struct Visitor {
    void *context;
    Take take;

    void visit(const toml::node &node, const toml::key *key) const noexcept {
        ctoml_value value{};
        value.line = (key != nullptr ? key->source() : node.source()).begin.line;
        if (key != nullptr) {
            value.key = key->data();
            value.key_length = key->length();
        }
        node.visit([&](const auto &found) { describe(found, value); });
        take(context, &value);
        if (const auto *table = node.as_table())
            for (const auto &[name, child] : *table) visit(child, &name);
        if (const auto *array = node.as_array())
            for (const auto &child : *array) visit(child, nullptr);
    }

    static void describe(const toml::table &table, ctoml_value &value) noexcept {
        value.kind = ctoml_table;
        value.count = table.size();
    }
    static void describe(const toml::array &array, ctoml_value &value) noexcept {
        value.kind = ctoml_array;
        value.count = array.size();
    }
    static void describe(const toml::value<std::string> &text, ctoml_value &value) noexcept {
        value.kind = ctoml_text;
        value.text = text->data();
        value.text_length = text->size();
    }
    static void describe(const toml::value<int64_t> &integer, ctoml_value &value) noexcept {
        value.kind = ctoml_integer;
        value.integer = *integer;
    }
    static void describe(const toml::value<double> &real, ctoml_value &value) noexcept {
        value.kind = ctoml_real;
        value.real = *real;
    }
    static void describe(const toml::value<bool> &boolean, ctoml_value &value) noexcept {
        value.kind = ctoml_boolean;
        value.boolean = *boolean;
    }
    static void describe(const toml::value<toml::date> &, ctoml_value &value) noexcept { value.kind = ctoml_date; }
    static void describe(const toml::value<toml::time> &, ctoml_value &value) noexcept { value.kind = ctoml_time; }
    static void describe(const toml::value<toml::date_time> &, ctoml_value &value) noexcept {
        value.kind = ctoml_date_time;
    }
};

}  // namespace

bool ctoml_read(const char *text, size_t length, void *context, Take take, ctoml_fault *fault) {
    const toml::parse_result result = toml::parse(std::string_view(text, length));
    if (result) {
        Visitor{context, take}.visit(result.table(), nullptr);
        return true;
    }
    const std::string_view words = result.error().description();
    const size_t count = std::min(words.size(), sizeof fault->words - 1);
    std::copy_n(words.data(), count, fault->words);
    fault->words[count] = 0;
    fault->line = result.error().source().begin.line;
    return false;
}
