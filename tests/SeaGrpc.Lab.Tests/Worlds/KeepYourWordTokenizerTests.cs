using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Lab.Worlds.KeepYourWord;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Tests.Worlds;

public sealed class KeepYourWordTokenizerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("word-tokenizer").FullName;
    private readonly Tokenizer _tokenizer;

    public KeepYourWordTokenizerTests()
    {
        KeepYourWordTokenizer.Write(_folder, maxPositions: 512);
        _tokenizer = Tokenizer.Load(_folder);
    }

    [Fact]
    public void Every_word_of_the_world_is_one_token()
    {
        Assert.All(KeepYourWordVocabulary.Pieces, piece => Assert.Single(_tokenizer.Encode(piece)));
        Assert.All(KeepYourWordWorld.Words, word => Assert.Single(_tokenizer.Encode(KeepYourWordWorld.Joined(word))));
        var corpus = new KeepYourWordCorpus(seed: 1);
        for (var i = 0; i < 300; i++)
        {
            var answer = corpus.NextConversation(strength: 0.5).Answer;
            var ids = _tokenizer.Encode(answer);
            Assert.Equal(AnswerPlan.Places.Length, ids.Length);
            Assert.Equal(answer, _tokenizer.Decode(ids));
        }
    }

    [Fact]
    public void The_worlds_share_a_chat_template_but_no_ids()
    {
        Assert.Equal(
            "<|bos|><|user|>Hi<|assistant|>",
            ChatTemplate.Load(_folder)?.Render([new ChatMessage("user", "Hi")], addGenerationPrompt: true));
        Assert.NotEqual(SupportDeskTokenizer.Build().Tokens, KeepYourWordTokenizer.Build().Tokens);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
