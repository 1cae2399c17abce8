using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling.Tests.Tokenization;

/// <summary>What a template may name is checked when it is loaded.</summary>
public sealed class ChatTemplateNamesTests
{
    [Theory]
    [InlineData("{{ 'x' | tojsn }}", "filter 'tojsn'", "'tojson'")]
    [InlineData("{{ 'x' is defind }}", "test 'defind'", "'defined'")]
    [InlineData("{{ strftime_nov('%Y') }}", "function 'strftime_nov'", "'strftime_now'")]
    [InlineData("{{ messages[0].content.stripp() }}", "method 'stripp'", "'strip'")]
    [InlineData("{{ ['a'] | map('uper') | join }}", "filter 'uper'", "'upper'")]
    [InlineData("{{ messages | select('strng') | list }}", "test 'strng'", "'string'")]
    [InlineData("{{ messages | selectattr('role', 'eqalto', 'user') | list }}", "test 'eqalto'", "'equalto'")]
    [InlineData("{{ messages | rejectattr('role', 'eqalto', 'user') | list }}", "test 'eqalto'", "'equalto'")]
    [InlineData("{% filter uper %}a{% endfilter %}", "filter 'uper'", "'upper'")]
    [InlineData("{% set x | uper %}a{% endset %}", "filter 'uper'", "'upper'")]
    [InlineData("{% macro turn() %}{% endmacro %}{{ trun() }}", "function 'trun'", "'turn'")]
    [InlineData("{{ 'x' | wordwrap(3) }}", "filter 'wordwrap'", "not supported")]
    [InlineData("{{ 'x'.encode() }}", "method 'encode'", "not supported")]
    [InlineData("{{ 'x'.__class__() }}", "method '__class__'", "not supported")]
    [InlineData("{{ '\\N{BULLET}' }}", "\\N", "\\u")]
    [InlineData("{{ '\\ud83d' }}", "\\u", "surrogate")]
    [InlineData("{% break %}", "'break'", "for block")]
    [InlineData("{% extends 'x' %}", "extends", "not supported")]
    public void What_is_unknown_is_refused_with_its_line_and_the_nearest_known_name(string template, string name, string hint)
    {
        string[] branches = [template, $"{{% if false %}}\n{template}{{% endif %}}", $"{{% macro never() %}}\n{template}{{% endmacro %}}"];
        Assert.All(branches.Select((text, i) => (text, i)), branch =>
        {
            var error = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(branch.text));
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
            Assert.Contains(hint, error.Message, StringComparison.Ordinal);
            Assert.Contains($"line {(branch.i == 0 ? 1 : 2)}", error.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_checkpoint_whose_template_names_something_unknown_is_not_loaded()
    {
        using var folder = new TokenizerFolder();
        folder.Config!["chat_template"] = "{% if messages[0].role == 'system' %}{{ messages[0].content | uper }}{% endif %}";
        var error = Assert.Throws<CheckpointException>(() => ChatTemplate.Load(folder.Write()));
        Assert.Contains("'uper'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'upper'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% if false %}{{ helper() }}{% endif %}{% macro helper() %}{% endmacro %}a")]
    [InlineData("{% if tool_renderer is defined %}{{ tool_renderer() }}{% endif %}a")]
    [InlineData("{% macro m(f) %}{{ f() }}{% endmacro %}{% macro g() %}a{% endmacro %}{{ m(g) }}")]
    [InlineData("{% set ns = namespace(f=none) %}{% macro g() %}a{% endmacro %}{% set ns.f = g %}{{ ns.f() }}")]
    [InlineData("{% macro g() %}a{% endmacro %}{% set d = {'f': g} %}{{ d.f() }}")]
    [InlineData("{% if false %}{{ messages.append(1) }}{% endif %}a")]
    [InlineData("{% for x in [1] recursive %}{{ loop.cycle('a') }}{{ loop([]) }}{% endfor %}")]
    [InlineData("{% set f = cycler('a', 'b') %}{{ f.next() }}{% set j = joiner() %}{{ j() }}{{ '' if lipsum() else '' }}")]
    [InlineData("{% generation %}{% for i in range(3) %}{% if i == 1 %}{% break %}{% endif %}{{ dict(x='a').x }}{% endfor %}{% endgeneration %}")]
    public void What_a_template_defines_itself_or_asks_for_first_is_known(string template) =>
        Assert.Equal("a", ChatTemplate.Parse(template).Render([new("user", "x")], addGenerationPrompt: false));

    [Fact]
    public void A_method_that_changes_a_value_is_refused_where_it_is_called()
    {
        var error = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("{{ messages.append(1) }}").Render([], false));
        Assert.Contains("'append' of a list changes it", error.Message, StringComparison.Ordinal);
    }
}
