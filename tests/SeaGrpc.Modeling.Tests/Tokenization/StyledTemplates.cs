namespace SeaGrpc.Modeling.Tests.Tokenization;

/// <summary>
/// Templates written for these tests in the manner of families whose own templates no npm package brings: the same markers,
/// the same rules about roles, the same constructs of Jinja.
/// </summary>
internal static class StyledTemplates
{
    /// <summary>Llama 2: the system message inside the first user turn, roles that must alternate.</summary>
    internal const string Llama2 = """
        {% if messages and messages[0]['role'] == 'system' %}{% set turns = messages[1:] %}{% set system = messages[0]['content'] %}{% else %}{% set turns = messages %}{% set system = false %}{% endif %}
        {%- for turn in turns -%}
        {%- if (turn['role'] == 'user') != (loop.index0 % 2 == 0) -%}{{- raise_exception('User and assistant must take turns, user first.') -}}{%- endif -%}
        {%- if loop.index0 == 0 and system != false -%}{%- set content = '<<SYS>>\n' + system + '\n<</SYS>>\n\n' + turn['content'] -%}{%- else -%}{%- set content = turn['content'] -%}{%- endif -%}
        {%- if turn['role'] == 'user' -%}{{- bos_token + '[INST] ' + content.strip() + ' [/INST]' -}}
        {%- elif turn['role'] == 'assistant' -%}{{- ' ' + content.strip() + ' ' + eos_token -}}{%- endif -%}
        {%- endfor -%}
        """;

    /// <summary>Mistral 7B: no system message.</summary>
    internal const string Mistral = """
        {{ bos_token }}{% for turn in messages %}{% if (turn.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate: user, assistant, user ...') }}{% endif %}{% if turn.role == 'user' %}{{ '[INST] ' + turn.content + ' [/INST]' }}{% elif turn.role == 'assistant' %}{{ turn.content + eos_token + ' ' }}{% else %}{{ raise_exception('There are only user and assistant.') }}{% endif %}{% endfor %}
        """;

    /// <summary>Gemma 2: the assistant is called model, a system message is refused.</summary>
    internal const string Gemma2 = """
        {{ bos_token }}{% if messages and messages[0].role == 'system' %}{{ raise_exception('No system role here') }}{% endif %}{% for turn in messages %}{% set is_user = turn.role == 'user' %}{% if is_user != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}{% if turn.role == 'assistant' %}{% set name = 'model' %}{% else %}{% set name = turn.role %}{% endif %}{{ '<start_of_turn>' + name + '\n' + turn.content | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}
        """;

    /// <summary>Zephyr: every role has a marker of its own, white space between blocks counts.</summary>
    internal const string Zephyr = """
        {% for turn in messages %}
        {% if turn['role'] == 'user' %}
        {{ '<|user|>\n' + turn['content'] + eos_token }}
        {% elif turn['role'] == 'system' %}
        {{ '<|system|>\n' + turn['content'] + eos_token }}
        {% elif turn['role'] == 'assistant' %}
        {{ '<|assistant|>\n' + turn['content'] + eos_token }}
        {% endif %}
        {% if loop.last and add_generation_prompt %}
        {{ '<|assistant|>' }}
        {% endif %}
        {% endfor %}
        """;

    /// <summary>Phi-3: markers that end in newlines, an end token where no answer is asked for.</summary>
    internal const string Phi3 = """
        {% for turn in messages %}{% if turn['role'] == 'system' and turn['content'] %}{{'<|system|>\n' + turn['content'] + '<|end|>\n'}}{% elif turn['role'] == 'user' %}{{'<|user|>\n' + turn['content'] + '<|end|>\n'}}{% elif turn['role'] == 'assistant' %}{{'<|assistant|>\n' + turn['content'] + '<|end|>\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}
        """;

    internal static readonly string[] All = [Llama2, Mistral, Gemma2, Zephyr, Phi3];
}
