namespace Functional.Contract

open System

/// What an index that lies outside its dimension is called. An operation says it in PyTorch's words for that operation; a backend that
/// finds the index long after the call keeps the words until then.
[<AbstractClass; Sealed>]
type IndexWords private () =
    [<ThreadStatic; DefaultValue>]
    static val mutable private current: string | null

    /// What the operation that is being called says, with "{index}" for the index and "{detail}" for the backend's own sentence.
    static member Current =
        match IndexWords.current with
        | null -> "{detail}"
        | words -> words

    /// Calls a function whose gathers and scatters speak of wrong indices in these words.
    static member Within(words: string, work: unit -> 'T) : 'T =
        let outer = IndexWords.current
        IndexWords.current <- words

        try
            work ()
        finally
            IndexWords.current <- outer

    /// The error in the given words, for an index (of a tensor of a shape) into a dimension of so many elements.
    static member Error(words: string, operation: string, index: int64, axis: int, size: int, shape: int[]) : IndexException =
        let detail =
            $"index {index} is out of bounds for dimension {axis} with size {size}: {operation} takes indices from 0 to {size - 1} (index of shape {Shape.format shape})"

        IndexException(words.Replace("{index}", string index).Replace("{detail}", detail))
