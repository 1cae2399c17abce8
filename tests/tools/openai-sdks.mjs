// Calls an OpenAI-compatible server with the SDKs that Node.js programs use, and prints what each got as one line of JSON.
//   node openai-sdks.mjs SDK BASE_URL API_KEY
import OpenAI from 'openai';

const [sdk, baseURL, apiKey] = process.argv.slice(2);
const question = 'My kettle is leaking, what can you do?';
const model = 'tiny-policy:best-of-2';

async function openai() {
    const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
    const request = { model, seed: 1, messages: [{ role: 'user', content: question }] };
    const whole = await client.chat.completions.create({ ...request, sea: { reward_weight: 4 } });
    const chunks = [];
    const stream = await client.chat.completions.create({
        ...request, sea: { reward_weight: 4, progress: true }, stream: true, stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
        chunks.push(chunk);
    }
    const helper = await client.chat.completions.stream({ ...request, sea: { reward_weight: 4, progress: true } }).finalChatCompletion();
    const text = await client.completions.create({ model: 'tiny-policy:base', seed: 1, prompt: 'My kettle', max_tokens: 4 });
    const models = [];
    for await (const entry of client.models.list()) {
        models.push(entry.id);
    }
    const errors = [];
    for (const change of [{ model: 'gpt-4o' }, { tools: [{ type: 'function' }] }, { messages: [] }]) {
        try {
            await client.chat.completions.create({ ...request, ...change });
        } catch (error) {
            errors.push({ name: error.constructor.name, status: error.status, code: error.code, param: error.param });
        }
    }
    return {
        whole: whole.choices[0].message.content,
        reward: whole.choices[0].sea.reward,
        requestId: whole._request_id,
        streamed: chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join(''),
        progress: chunks.filter((chunk) => chunk.choices.length === 0 && chunk.sea).length,
        usage: chunks.at(-1).usage.total_tokens,
        wholeUsage: whole.usage.total_tokens,
        finish: helper.choices[0].finish_reason,
        helper: helper.choices[0].message.content,
        text: text.choices[0].text,
        models,
        found: (await client.models.retrieve('tiny-policy:best-of-16')).id,
        errors,
    };
}

async function langchain() {
    const { ChatOpenAI } = await import('@langchain/openai');
    const options = { model, apiKey, configuration: { baseURL }, maxRetries: 0, modelKwargs: { seed: 1, sea: { reward_weight: 4 } } };
    const chat = new ChatOpenAI(options);
    const whole = await chat.invoke(question);
    let streamed = '';
    for await (const chunk of await new ChatOpenAI({ ...options, streaming: true }).stream(question)) {
        streamed += chunk.content;
    }
    let error;
    try {
        const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } };
        await chat.bindTools([tool]).invoke(question);
    } catch (failure) {
        error = failure.message;
    }
    return { whole: whole.content, streamed, tokens: whole.usage_metadata.total_tokens, error };
}

async function vercel() {
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
    const { generateText, streamText } = await import('ai');
    const provider = createOpenAICompatible({ name: 'seagrpc', baseURL, apiKey, includeUsage: true });
    const request = {
        model: provider(model), prompt: question, seed: 1, maxRetries: 0, providerOptions: { seagrpc: { sea: { reward_weight: 4 } } },
    };
    const whole = await generateText(request);
    const stream = streamText(request);
    let streamed = '';
    for await (const part of stream.textStream) {
        streamed += part;
    }
    let error;
    try {
        await generateText({ ...request, model: provider('gpt-4o') });
    } catch (failure) {
        error = { status: failure.statusCode, message: failure.message };
    }
    return {
        whole: whole.text,
        streamed,
        finish: whole.finishReason,
        tokens: whole.usage.totalTokens,
        streamedTokens: (await stream.usage).totalTokens,
        error,
    };
}

console.log(JSON.stringify(await { openai, langchain, vercel }[sdk]()));
