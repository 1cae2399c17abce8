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

    // Where an expression may stand: none of these is reached when the template is rendered.
    public static TheoryData<string> Places =>
    [
        "{% if false %}{% if false %}{{ @ }}{% endif %}{% endif %}",
        "{% if true %}{% elif @ %}{% endif %}",
        "{% if true %}{% else %}{{ @ }}{% endif %}",
        "{% for x in [1] %}{% else %}{{ @ }}{% endfor %}",
        "{% for x in [] if @ %}{% endfor %}",
        "{% for x in (@) %}{% endfor %}",
        "{% for x in [] recursive %}{{ loop(@) }}{% endfor %}",
        "{% macro never(a=@) %}{% endmacro %}",
        "{% macro never() %}{% for x in [] %}{% if x %}{{ @ }}{% endif %}{% endfor %}{% endmacro %}",
        "{% macro wrap(a) %}{{ caller() }}{% endmacro %}{% if false %}{% call wrap(@) %}a{% endcall %}{% endif %}",
        "{% macro wrap(a) %}{% endmacro %}{% call wrap(1) %}{{ @ }}{% endcall %}",
        "{% macro wrap(a) %}{% endmacro %}{% call(b=@) wrap(1) %}a{% endcall %}",
        "{% filter upper %}{% if false %}{{ @ }}{% endif %}{% endfilter %}",
        "{% filter replace('a', @) %}a{% endfilter %}",
        "{% if false %}{% set x = @ %}{% endif %}",
        "{% if false %}{% set x %}{{ @ }}{% endset %}{% endif %}",
        "{% set ns = namespace(a=1) %}{% if false %}{% set ns.a = @ %}{% endif %}",
        "{% if false %}{% set a, b = 1, @ %}{% endif %}",
        "{% if false %}{% with a = @ %}{{ a }}{% endwith %}{% endif %}",
        "{% if false %}{% do @ %}{% endif %}",
        "{% if false %}{% generation %}{{ @ }}{% endgeneration %}{% endif %}",
        "{{ 1 if true else @ }}",
        "{{ 1 if false and @ else 2 }}",
        "{{ true or @ }}",
        "{{ 'a' if true else [1, {'k': (@, 2)}] }}",
        "{{ 'a' if true else {@: 1} }}",
        "{{ 'a' if true else messages[@].content }}",
        "{{ 'a' if true else messages[0:@] }}",
        "{{ 'a' if true else range(@) }}",
        "{{ 'a' if true else dict(k=@) }}",
        "{{ 'a' if true else 'x' | default(@) | upper }}",
        "{{ 'a' if true else 'x' | replace(old=@, new='b') }}",
        "{{ 'a' if true else 4 is divisibleby(@) }}",
        "{{ 'a' if true else 4 is not eq(@) }}",
        "{{ 'a' if true else -(@) ~ 'b' }}",
        "{{ 'a' if true else 1 < 2 < @ }}",
        "{{ 'a' if true else 'x'.strip(@).upper() }}",
        "{{ 'a' if true else (@).content[0] }}",
        "{{ 'a' if true else not @ }}",
        "{{ 'a' if true else @ in messages }}",
    ];

    [Theory]
    [MemberData(nameof(Places))]
    public void What_is_unknown_is_refused_wherever_it_stands(string place)
    {
        (string Expression, string Name)[] unknown =
        [
            ("('x' | uper)", "filter 'uper'"), ("('x' | trim | wordwrap(3))", "filter 'wordwrap'"),
            ("('x' | map('uper') | list)", "filter 'uper'"),
            ("('x' is strng)", "test 'strng'"), ("('x' is not strng)", "test 'strng'"),
            ("('x' | rejectattr('a', 'strng') | list)", "test 'strng'"),
            ("helper('x')", "function 'helper'"), ("'x'.stripp()", "method 'stripp'"), ("'x'.strip().stripp()", "method 'stripp'"),
            ("'x'['stripp']()", "method 'stripp'"), ("messages[0].content.stripp('x')", "method 'stripp'"),
        ];
        Assert.All(unknown, one =>
        {
            string template = "a\n\n" + place.Replace("@", one.Expression, StringComparison.Ordinal);
            var error = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(template));
            Assert.Contains(one.Name, error.Message, StringComparison.Ordinal);
            Assert.Contains("line 3", error.Message, StringComparison.Ordinal);
            _ = ChatTemplate.Parse("a\n\n" + place.Replace("@", "('x' | upper)", StringComparison.Ordinal));
        });
    }

    [Theory]
    [InlineData("{% call helper() %}a{% endcall %}", "function 'helper'")]
    [InlineData("{% call(a) helper(1) %}a{% endcall %}", "function 'helper'")]
    [InlineData("{% filter upper | uper %}a{% endfilter %}", "filter 'uper'")]
    [InlineData("{% set x | trim | uper %}a{% endset %}", "filter 'uper'")]
    [InlineData("{% set x = 'a' | uper %}", "filter 'uper'")]
    [InlineData("{% for x in messages | uper %}{% endfor %}", "filter 'uper'")]
    [InlineData("{% if 'x' is strng %}{% endif %}", "test 'strng'")]
    [InlineData("{% for x in messages %}{{ loop.cycel('a') }}{% endfor %}", "method 'cycel'")]
    [InlineData("{% set ns = namespace(a=1) %}{{ ns.a.stripp() }}", "method 'stripp'")]
    [InlineData("{{ 'x' | pprint }}", "filter 'pprint'")]
    [InlineData("{{ 'x' | striptags }}", "filter 'striptags'")]
    [InlineData("{{ 'x' | urlize }}", "filter 'urlize'")]
    [InlineData("{{ {} | xmlattr }}", "filter 'xmlattr'")]
    public void What_blocks_name_is_checked_as_well(string template, string name)
    {
        using var folder = new TokenizerFolder();
        folder.WriteFile("chat_template.jinja", $"a\n{{% if false %}}\n{template}{{% endif %}}");
        var error = Assert.Throws<CheckpointException>(() => ChatTemplate.Load(folder.Write()));
        Assert.Contains("chat_template.jinja", error.Message, StringComparison.Ordinal);
        Assert.Contains($"line 3: the {name}", error.Message, StringComparison.Ordinal);
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
    [InlineData(
        "{% generation %}{% for i in range(3) %}{% if i == 1 %}{% break %}{% endif %}{{ dict(x='a').x }}{% endfor %}{% endgeneration %}")]
    public void What_a_template_defines_itself_or_asks_for_first_is_known(string template) =>
        Assert.Equal("a", ChatTemplate.Parse(template).Render([new("user", "x")], addGenerationPrompt: false));

    [Fact]
    public void A_method_that_changes_a_value_is_refused_where_it_is_called()
    {
        var error = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("{{ messages.append(1) }}").Render([], false));
        Assert.Contains("'append' of a list changes it", error.Message, StringComparison.Ordinal);
    }
}
