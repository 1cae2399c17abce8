using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Families;

/// <summary>All differences between a family of models and Llama: docs/adding-a-model.md.</summary>
internal interface IModelFamily
{
    /// <summary>The prefix of its architectures: Llama for LlamaForCausalLM.</summary>
    string Name { get; }

    /// <summary>The defaults in transformers for keys that config.json omits.</summary>
    FamilyDefaults Defaults { get; }

    /// <summary>Adds the family's own properties to a configuration whose common keys have been read.</summary>
    /// <param name="config">config.json.</param>
    /// <param name="common">The common keys, as for Llama.</param>
    /// <exception cref="CheckpointException">
    /// A key specific to the family is missing or requires something that is not supported.
    /// </exception>
    TransformerConfig Complete(ConfigReader config, TransformerConfig common);
}
