using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Inspection;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Cli.Inspection;

/// <summary>Tries a folder's chat template on a conversation, as a server does when it starts.</summary>
internal static class ConversationInspection
{
    /// <summary>
    /// The inspection with what was found: a problem where the template cannot be served, a note where it changes answers.
    /// </summary>
    public static CheckpointInspection Of(CheckpointInspection model)
    {
        if (model is not { Config: { } config, Tokenizer: { } tokenizer, Template: { } template })
        {
            return model;
        }

        try
        {
            var encoder = new ConversationEncoder(tokenizer, template);
            return config.Head != ModelHead.Language && encoder.RewritesAnswers
                ? model with
                {
                    Notes =
                    [
                        .. model.Notes,
                        "The chat template changes some answers (it trims them, or cuts a part off): they are scored as it writes them.",
                    ],
                }
                : model;
        }
        catch (ChatTemplateException fault)
        {
            return model with
            {
                Problems =
                [
                    .. model.Problems,
                    $"{model.Folder}: the chat template cannot write a user's turn and its answer: {fault.Message}",
                ],
            };
        }
    }
}
