using System.Text.Json.Nodes;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Modeling.Tests.Tokenization;

public sealed class ChatTemplateTests : IDisposable
{
    private static readonly ChatMessage[] Hello = [new("user", "Hello")];

    private readonly TokenizerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_without_a_template_has_none() => Assert.Null(ChatTemplate.Load(_folder.Write()));

    [Fact]
    public void The_file_comes_before_the_key()
    {
        _folder.Config!["chat_template"] = "key {{ eos_token }}";
        Assert.Equal("key </s>", ChatTemplate.Load(_folder.Write())!.Render(Hello, false));
        _folder.WriteFile("chat_template.jinja", "file {{ bos_token }}{{ messages[0].content }}");
        Assert.Equal("file <s>Hello", ChatTemplate.Load(_folder.Write())!.Render(Hello, false));
    }

    [Theory]
    [InlineData("chat_templates")]
    [InlineData("additional_chat_templates")]
    public void A_folder_of_templates_has_a_default(string name)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Write(), name));
        _folder.Config!["pad_token"] = "<pad>";
        _folder.WriteFile(Path.Combine(name, "default.jinja"), "{{ pad_token }}{{ unk_token is defined }}{{ tools is none }}");
        Assert.Equal("<pad>FalseTrue", ChatTemplate.Load(_folder.Write())!.Render(Hello, false));
    }

    [Fact]
    public void A_template_of_a_length_that_none_has_is_refused() =>
        Assert.Contains(
            "longer", Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(new string('x', 2_000_000))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Of_named_templates_the_default_is_taken()
    {
        _folder.Config!["chat_template"] = JsonNode.Parse("""[{"name":"tool_use","template":"t"},{"name":"default","template":"d"}]""");
        Assert.Equal("d", ChatTemplate.Load(_folder.Write())!.Render(Hello, false));
    }

    [Fact]
    public void A_wrong_template_names_the_file_and_line()
    {
        _folder.WriteFile("chat_template.jinja", "a\n{% for x in %}{% endfor %}");
        var error = Assert.Throws<CheckpointException>(() => ChatTemplate.Load(_folder.Write()));
        Assert.Contains("chat_template.jinja", error.Message, StringComparison.Ordinal);
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Raise_exception_carries_the_template_s_message()
    {
        var template = ChatTemplate.Parse("{{ raise_exception('Roles must alternate') }}");
        Assert.Equal("Roles must alternate", Assert.Throws<ChatTemplateException>(() => template.Render(Hello, true)).Message);
    }

    [Fact]
    public void The_clock_is_the_one_given()
    {
        var template = ChatTemplate.Parse("{{ strftime_now('%d %b %Y, %A %H:%M %-d') }}", clock: new FixedClock());
        Assert.Equal("03 Feb 2025, Monday 04:05 3", template.Render(Hello, true));
    }

    [Theory]
    [InlineData("a{% raw %}{{ x }} {% if %}{% endraw %}b", "a{{ x }} {% if %}b")]
    [InlineData("a {%- raw -%} {# c #} {%- endraw -%} b", "a{# c #}b")]
    [InlineData("{% raw %}\n{{ x\n  {% endraw %}\nb", "\n{{ x\nb")]
    [InlineData("{% filter upper | replace('A', '-') %}ab{% endfilter %}", "-B")]
    public void Raw_and_filter_blocks_are_as_jinja_has_them(string template, string expected) =>
        Assert.Equal(expected, ChatTemplate.Parse(template).Render([], addGenerationPrompt: false));

    [Theory]
    [InlineData("{% raw %}a", "endraw")]
    [InlineData("{% macro m() %}{{ caller }}{% call m() %}{% endcall %}{% endmacro %}{{ m() }}", "levels")]
    [InlineData("{% call 1 %}{% endcall %}", "macro")]
    [InlineData("{% call messages() %}{% endcall %}", "not a macro")]
    [InlineData("{% filter nothing %}{% endfilter %}", "nothing")]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{% for i in range(99999) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }}{% endfor %}", "characters")]
    [InlineData("{% set ns = namespace(s='a') %}{% for i in range(90) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", "characters")]
    [InlineData("{{ 'ab' * 9000000000000000000 }}", "characters")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "levels")]
    [InlineData("{% set ns = namespace() %}{% set ns.s = ns %}{{ ns }}", "levels")]
    [InlineData("{% set ns = namespace() %}{% set ns.s = ns %}{{ ns | tojson }}", "a namespace")]
    [InlineData("{% set ns = namespace() %}{% for i in range(300) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s | tojson }}", "levels")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}", "")]
    [InlineData(
        "{% set ns = namespace(s='abababab', x=[]) %}{% for i in range(15) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s | replace('a', ns.s) }}", "characters")]
    [InlineData(
        "{% set ns = namespace(s='a') %}{% for i in range(21) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ (ns.s[:1000000] ~ 'ba') in ns.s }}", "steps")]
    [InlineData(
        "{% set ns = namespace(s='a') %}{% for i in range(21) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s.split(ns.s[:1000000] ~ 'ba') }}", "steps")]
    [InlineData("{{ [1] * 9000000000 }}", "steps")]
    [InlineData("{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}", "levels")]
    [InlineData("{{ range(1000000000) }}", "range")]
    [InlineData("{{ 1 / 0 }}", "zero")]
    [InlineData("{{ 3 ** 1000000000000 }}", "bits")]
    [InlineData("{{ (-3) ** (2 ** 70) }}", "bits")]
    [InlineData("{% set ns = namespace(n=3) %}{% for i in range(40) %}{% set ns.n = ns.n * ns.n %}{% endfor %}", "bits")]
    [InlineData("{% set ns = namespace(t=1) %}{% for i in range(50000) %}{% set ns.t = (ns.t,) %}{% endfor %}{{ {ns.t: 1} }}", "parts")]
    [InlineData(
        "{% set ns = namespace(t=1) %}{% for i in range(60) %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}{{ {1: 1}[ns.t] }}", "parts")]
    [InlineData(
        "{% set ns = namespace(s='ab') %}{% for i in range(20) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{% for i in range(90000) %}{% if ns.s[i] == 'x' or ns.s is lower %}{% endif %}{% endfor %}", "steps")]
    [InlineData("{{ '%99999999d' % 1 }}", "characters")]
    [InlineData("{{ '{:99999999}'.format(1) }}", "characters")]
    [InlineData("{{ '%.99999f' % 1 }}", "digits")]
    [InlineData("{{ 'a'.center(99999999) }}", "characters")]
    [InlineData("{{ 'a' | center(99999999) }}", "characters")]
    [InlineData("{{ 'a\tb'.expandtabs(99999999) }}", "characters")]
    [InlineData("{{ [1] | batch(99999999, 0) | list }}", "steps")]
    [InlineData("{{ [1] | slice(99999999) | list }}", "steps")]
    [InlineData("{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}", "levels")]
    [InlineData("{{ 'x' | nothing }}", "nothing")]
    [InlineData("{{ 'x' is nothing }}", "nothing")]
    [InlineData("{% include 'x' %}", "include")]
    [InlineData("{{ 'x'.__class__() }}", "__class__")]
    [InlineData("{{ messages[0].content.nothing.more }}", "nothing")]
    [InlineData("{{ missing.attribute }}", "'missing' is undefined")]
    [InlineData("{{ 'x", "string")]
    [InlineData("{% if true %}", "endif")]
    [InlineData("{{ x", "closed")]
    [InlineData("{{ x[ }}", "")]
    public void Faults_and_excess_end_in_an_error(string source, string named)
    {
        var error = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source).Render(Hello, true));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("-", "")]
    [InlineData("not ", "")]
    public void Deep_nesting_is_refused_and_does_not_overflow_the_stack(string open, string close)
    {
        var source = $"{{{{ {string.Concat(Enumerable.Repeat(open, 100_000))}1{string.Concat(Enumerable.Repeat(close, 100_000))} }}}}";
        Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source).Render(Hello, true));
    }

    [Fact]
    public void A_long_chain_is_refused_and_does_not_overflow_the_stack()
    {
        var template = ChatTemplate.Parse($"{{{{ 1{string.Concat(Enumerable.Repeat(" + 1", 100_000))} }}}}");
        Assert.Throws<ChatTemplateException>(() => template.Render(Hello, true));
    }

    [Fact]
    public void Values_print_as_python_prints_them()
    {
        var template = ChatTemplate.Parse(
            "{{ true }} {{ none }} {{ 1.0 }} {{ ['a', 1] }} {{ {'k': \"it's\"} }} {{ 7 // -2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ (-2) ** 63 }} {{ 2 ** -1 }}");
        Assert.Equal("True None 1.0 ['a', 1] {'k': \"it's\"} -4 2 3.5 -9223372036854775808 0.5", template.Render(Hello, true));
    }

    // The outputs are those of Python's Jinja 3.1.6 with transformers' filters.
    [Theory]
    [InlineData("{{ 3.14159 | round(2) }} {{ 2.5 | round }} {{ 7 | round }} {{ 3.2 | round(method='ceil') }}", "3.14 2.0 7 4.0")]
    [InlineData("{{ [1, 2, 3] | sum }} {{ [3, 1, 2] | min }} {{ [3, 1, 2] | max }} {{ [1] * 2 }}", "6 1 3 [1, 1]")]
    [InlineData("{{ {'b': 1, 'é': 2} | tojson(sort_keys=true, ensure_ascii=true, separators=(',', ':')) }}", "{\"b\":1,\"\\u00e9\":2}")]
    [InlineData("{{ \"it's a dog\" | title }} {{ \"it's a dog\".title() }}", "It's A Dog It'S A Dog")]
    [InlineData("{{ 1e3 }} {{ 1.5e-7 }} {{ 1 / 3 }}", "1000.0 1.5e-07 0.3333333333333333")]
    [InlineData("{{ 'a,b,c'.rsplit(',', 1) | last }}{{ 'abc'.removeprefix('a') }}{{ 'AB'.isupper() }}{{ 'abca'.rfind('a') }}", "cbcTrue3")]
    [InlineData("{{ 'abc' | reverse }}{{ [' a '] | map('trim') | join }}{% for c in 'xyz' %}{{ c }}-{% endfor %}", "cbaax-y-z-")]
    [InlineData("{{ 'a,b,c'.split(',', 1) }} {{ 'a b  c'.split() }}", "['a', 'b,c'] ['a', 'b', 'c']")]
    [InlineData("{% if true +%}\nx\n{%+ if true %}y{% endif %}{% endif %}", "\nx\ny")]
    public void Rarer_parts_do_as_in_python(string template, string expected) =>
        Assert.Equal(expected, ChatTemplate.Parse(template).Render(Hello, true));

    [Fact]
    public void Text_is_counted_and_cut_in_code_points()
    {
        var template = ChatTemplate.Parse("{{ messages[0].content | length }}{{ messages[0].content[0] }}{{ messages[0].content[1:] }}");
        Assert.Equal("2👍b", template.Render([new("user", "👍b")], true));
    }

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2025, 2, 3, 4, 5, 6, TimeSpan.Zero);
    }
}
