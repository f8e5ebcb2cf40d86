namespace Functional.Golden

open System.IO

/// The page of the documentation that names what does not pass yet: a case by its id ("- `OP#3` — cause"), or all cases
/// whose failure says a certain thing ("- every failure with `text` — cause").
type OpenCases =
    { Ids: Set<string>
      Texts: Set<string> }

    static member None = { Ids = Set.empty; Texts = Set.empty }

    static member Read(path: string) =
        let quoted (start: string) =
            File.ReadAllLines path
            |> Seq.choose (fun line -> if line.StartsWith(start + "`") then Some(line.Split('`')[1]) else None)
            |> Set.ofSeq

        { Ids = quoted "- "; Texts = quoted "- every failure with " }

    /// What either page names.
    static member Union one other = { Ids = Set.union one.Ids other.Ids; Texts = Set.union one.Texts other.Texts }

    member this.Knows(id: string, reason: string) = this.Ids.Contains id || this.Texts |> Set.exists reason.Contains

    /// What the page names although nothing fails that way any more.
    member this.Mended(failures: (string * string) list) =
        [ for id in this.Ids do
              if not (failures |> List.exists (fun (failed, _) -> failed = id)) then
                  id
          for text in this.Texts do
              if not (failures |> List.exists (fun (_, reason) -> reason.Contains text)) then
                  $"every failure with '{text}'" ]
