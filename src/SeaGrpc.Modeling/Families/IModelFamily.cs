using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Families;

/// <summary>What sets a family of models apart from the Llama form, all of it: docs/adding-a-model.md.</summary>
internal interface IModelFamily
{
    /// <summary>What its architectures begin with: Llama of LlamaForCausalLM.</summary>
    string Name { get; }

    /// <summary>What transformers takes where config.json leaves a key out.</summary>
    FamilyDefaults Defaults { get; }

    /// <summary>Puts what the family has of its own into a shape whose common keys are read.</summary>
    /// <param name="config">config.json.</param>
    /// <param name="common">The Llama form of it.</param>
    /// <exception cref="CheckpointException">A key of the family's own is missing, or asks for what is not supported.</exception>
    TransformerConfig Complete(ConfigReader config, TransformerConfig common);
}
