/// The handbook's table: comma-separated values with quotes.
module Functional.Laws.Handbook.Table

open System.IO
open System.Text

type Row =
    {
        Id: string
        Section: string
        Kind: string
        /// PyTorch's name today, with the argument behind a colon; several names between bars.
        Canonical: string
        /// What the handbook says of each parameter.
        Parameters: string
    }

/// Fields of all lines; a quoted field may hold commas, doubled quotes and line ends.
let private records (text: string) =
    let rows, fields, field = ResizeArray<string list>(), ResizeArray<string>(), StringBuilder()
    let mutable quoted = false
    let mutable i = 0

    let close () =
        fields.Add(string field)
        field.Clear() |> ignore

    while i < text.Length do
        match text[i] with
        | '"' when quoted && i + 1 < text.Length && text[i + 1] = '"' ->
            field.Append '"' |> ignore
            i <- i + 1
        | '"' -> quoted <- not quoted
        | ',' when not quoted -> close ()
        | '\r' when not quoted -> ()
        | '\n' when not quoted ->
            close ()
            rows.Add(List.ofSeq fields)
            fields.Clear()
        | c -> field.Append c |> ignore

        i <- i + 1

    if fields.Count > 0 || field.Length > 0 then
        close ()
        rows.Add(List.ofSeq fields)

    List.ofSeq rows

let read (path: string) : Row list =
    match records (File.ReadAllText path) with
    | header :: rows ->
        let at name = header |> List.findIndex ((=) name)
        let id, section, kind, canonical, parameters = at "id", at "section", at "kind", at "canonical", at "params"

        rows
        |> List.map (fun row ->
            { Id = row[id]
              Section = row[section]
              Kind = row[kind]
              Canonical = row[canonical]
              Parameters = row[parameters] })
    | [] -> []

/// The APIs that a row names, and its argument if it names one.
let target (row: Row) : string list * string option =
    let apis, argument =
        match row.Canonical.IndexOf ':' with
        | -1 -> row.Canonical, None
        | colon -> row.Canonical.Substring(0, colon), Some(row.Canonical.Substring(colon + 1))

    List.ofArray (apis.Split '|'), argument

/// The parameter names of a row: the current ones where it says that they have changed.
let parameters (row: Row) : string list =
    let current (part: string) =
        match part.IndexOf "(current name" with
        | -1 -> part.Split(':')[0]
        | at ->
            let inside = part.Substring(at).Split(')')[0]
            inside.Substring(inside.IndexOf ' ' + 1).Replace("names", "").Replace("name", "")

    let isName (name: string) = name.Length > 0 && name |> Seq.forall (fun c -> System.Char.IsAsciiLetterOrDigit c || c = '_')

    // Where the handbook names none, the row tells in words what there is.
    (if row.Parameters.StartsWith "handbook gives none" then "" else row.Parameters).Split ';'
    |> Seq.collect (fun part -> (current part).Split ',')
    |> Seq.map _.Trim()
    |> Seq.filter isName
    |> List.ofSeq
