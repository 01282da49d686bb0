"""What services, store, converters and engine say in English: titles, hints, names of steps.

They know no Qt. `reported` puts their words into the language of the window; what stands in braces
is taken over as it is. A test finds titles and hints that are missing here.
"""

from __future__ import annotations

from app.views.translatable import QT_TRANSLATE_NOOP

TEXTS = (
    QT_TRANSLATE_NOOP("Engine", "The engine stopped unexpectedly"),
    QT_TRANSLATE_NOOP(
        "Engine", "The system may have ended it for lack of memory. Try again, or a smaller model."
    ),
    QT_TRANSLATE_NOOP("Engine", "Try again; if it happens each time, choose another model."),
    QT_TRANSLATE_NOOP(
        "Engine",
        "The model's file was cut short or its drive went away while it was in use. See that it"
        " is whole, or download it again.",
    ),
    QT_TRANSLATE_NOOP("Engine", "Try again: the engine starts anew."),
    QT_TRANSLATE_NOOP("Engine", "The engine was stuck and has been ended"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Try again: the engine starts anew. If it happens each time, choose another model.",
    ),
    QT_TRANSLATE_NOOP("Engine", "A worker that held part of the model is gone"),
    QT_TRANSLATE_NOOP(
        "Engine", "Start it again, or take it out of the list of workers, and try again."
    ),
    QT_TRANSLATE_NOOP("Engine", "The engine ran out of memory"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Choose a shorter context, a smaller model or a smaller quantization, or close programs.",
    ),
    QT_TRANSLATE_NOOP("Engine", "A sampling value cannot be used"),
    QT_TRANSLATE_NOOP("Engine", "Correct the value, or leave it out."),
    QT_TRANSLATE_NOOP("Engine", "This model has no experts"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Choose a mixture of experts, such as one of the families qwen3moe, deepseek2 or gpt-oss.",
    ),
    QT_TRANSLATE_NOOP("Engine", "This file is not a chat model"),
    QT_TRANSLATE_NOOP("Engine", "Choose the model itself."),
    QT_TRANSLATE_NOOP("Engine", "Choose a model that was made for chats."),
    QT_TRANSLATE_NOOP("Engine", "Choose its model, and give this file as --adapter."),
    QT_TRANSLATE_NOOP("Engine", "This is not the address of a worker"),
    QT_TRANSLATE_NOOP("Engine", "Give it like 192.168.0.10:50052."),
    QT_TRANSLATE_NOOP("Engine", "A worker is of another version"),
    QT_TRANSLATE_NOOP("Engine", "Use the same version of Conclave on both machines."),
    QT_TRANSLATE_NOOP("Engine", "A worker is busy"),
    QT_TRANSLATE_NOOP(
        "Engine", "Close the other program that uses it, or start another worker there."
    ),
    QT_TRANSLATE_NOOP("Engine", "A worker does not answer"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Start it there with `conclave rpc-worker`, or take it out of the list of workers.",
    ),
    QT_TRANSLATE_NOOP("Engine", "The worker could not be started"),
    QT_TRANSLATE_NOOP("Engine", "Choose another port, or an address of this machine."),
    QT_TRANSLATE_NOOP("Engine", "The adapter does not belong to this model"),
    QT_TRANSLATE_NOOP(
        "Engine", "Choose an adapter that was made for this model, or go on without it."
    ),
    QT_TRANSLATE_NOOP("Engine", "The adapter cannot be used"),
    QT_TRANSLATE_NOOP("Engine", "Choose a LoRA adapter in GGUF."),
    QT_TRANSLATE_NOOP("Engine", "Choose a LoRA adapter."),
    QT_TRANSLATE_NOOP("Engine", "Choose an ordinary LoRA adapter."),
    QT_TRANSLATE_NOOP("Engine", "The adapter could not be loaded"),
    QT_TRANSLATE_NOOP("Engine", "Choose another adapter, or go on without it."),
    QT_TRANSLATE_NOOP("Engine", "The model file is damaged"),
    QT_TRANSLATE_NOOP(
        "Engine", "Download the file again, or remove {name} if it belongs to another version."
    ),
    QT_TRANSLATE_NOOP("Engine", "The checksum file cannot be read"),
    QT_TRANSLATE_NOOP("Engine", "Get it again, or remove it."),
    QT_TRANSLATE_NOOP("Engine", "The picture cannot be written"),
    QT_TRANSLATE_NOOP("Engine", "Name a file in another folder."),
    QT_TRANSLATE_NOOP("Engine", "The picture could not be written"),
    QT_TRANSLATE_NOOP("Engine", "Free some space, or name another folder."),
    QT_TRANSLATE_NOOP("Engine", "The engine is closed"),
    QT_TRANSLATE_NOOP("Engine", "Start Conclave again."),
    QT_TRANSLATE_NOOP("Engine", "The engine did not start"),
    QT_TRANSLATE_NOOP("Engine", "The engine could not be started"),
    QT_TRANSLATE_NOOP("Engine", "Install Conclave again."),
    QT_TRANSLATE_NOOP("Engine", "The engine met an unexpected error"),
    QT_TRANSLATE_NOOP("Engine", "Try again; the engine's log has the details."),
    QT_TRANSLATE_NOOP("Engine", "The engine failed in an unexpected way"),
    QT_TRANSLATE_NOOP("Engine", "Try again. The log file has the details."),
    QT_TRANSLATE_NOOP("Engine", "A part of this model is the wrong one"),
    QT_TRANSLATE_NOOP("Engine", "Give all parts the names under which they were published."),
    QT_TRANSLATE_NOOP("Engine", "A part of this model is missing"),
    QT_TRANSLATE_NOOP("Engine", "Put all parts into one folder, or download the model again."),
    QT_TRANSLATE_NOOP("Engine", "The model file is incomplete"),
    QT_TRANSLATE_NOOP("Engine", "Download or copy the file again."),
    QT_TRANSLATE_NOOP("Engine", "This is not a GGUF model"),
    QT_TRANSLATE_NOOP("Engine", "This GGUF file is for other processors"),
    QT_TRANSLATE_NOOP("Engine", "Get the little-endian file of this model, as nearly all are."),
    QT_TRANSLATE_NOOP("Engine", "This GGUF version cannot be read"),
    QT_TRANSLATE_NOOP("Engine", "Get a newer conversion of this model."),
    QT_TRANSLATE_NOOP("Engine", "The model file cannot be opened"),
    QT_TRANSLATE_NOOP("Engine", "Check the path, or choose another model."),
    QT_TRANSLATE_NOOP("Engine", "The model file is empty"),
    QT_TRANSLATE_NOOP("Engine", "Download it again."),
    QT_TRANSLATE_NOOP("Engine", "The model could not go on"),
    QT_TRANSLATE_NOOP("Engine", "Try again, or start a new conversation."),
    QT_TRANSLATE_NOOP("Engine", "The model's context could not be made anew"),
    QT_TRANSLATE_NOOP("Engine", "Try again, or choose a shorter context."),
    QT_TRANSLATE_NOOP("Engine", "The prompt could not be tokenized"),
    QT_TRANSLATE_NOOP("Engine", "Choose another model."),
    QT_TRANSLATE_NOOP("Engine", "There is not enough memory for this model"),
    QT_TRANSLATE_NOOP("Engine", "Choose another model, or download this one again."),
    QT_TRANSLATE_NOOP("Engine", "The model could not be loaded"),
    QT_TRANSLATE_NOOP("Engine", "A context of {n_ctx} tokens could not be made"),
    QT_TRANSLATE_NOOP("Engine", "The model file was replaced while it was loaded"),
    QT_TRANSLATE_NOOP("Engine", "Load it again when the download or copy is done."),
    QT_TRANSLATE_NOOP("Engine", "The context is too short for this measurement"),
    QT_TRANSLATE_NOOP("Engine", "Measure at a smaller depth, or with a longer context."),
    QT_TRANSLATE_NOOP("Engine", "Two grammars cannot hold at once"),
    QT_TRANSLATE_NOOP("Engine", "Leave one of them out."),
    QT_TRANSLATE_NOOP("Engine", "The grammar cannot be used"),
    QT_TRANSLATE_NOOP("Engine", "Correct the grammar; it needs a rule named root."),
    QT_TRANSLATE_NOOP("Engine", "The JSON schema cannot be used"),
    QT_TRANSLATE_NOOP("Engine", "Change the schema at this place."),
    QT_TRANSLATE_NOOP("Engine", "The answer cannot go on"),
    QT_TRANSLATE_NOOP("Engine", "Change the grammar, or what the sampling forbids."),
    QT_TRANSLATE_NOOP("Engine", "There is no room to write a summary"),
    QT_TRANSLATE_NOOP("Engine", "Shorten the summary, or use a longer context."),
    QT_TRANSLATE_NOOP("Engine", "Choose another model, or make or download this one again."),
    QT_TRANSLATE_NOOP("Engine", "The model could not evaluate the text"),
    QT_TRANSLATE_NOOP("Engine", "Try again, or measure with a shorter context."),
    QT_TRANSLATE_NOOP("Engine", "The model's context could not be made"),
    QT_TRANSLATE_NOOP("Engine", "Choose one of {values}."),
    QT_TRANSLATE_NOOP("Engine", "The tools cannot be used"),
    QT_TRANSLATE_NOOP("Engine", "Correct the list of tools, or leave it out."),
    QT_TRANSLATE_NOOP("Engine", "The model's chat template failed"),
    QT_TRANSLATE_NOOP("Engine", "Use the ChatML layout instead of it, or choose another model."),
    QT_TRANSLATE_NOOP("Engine", "The context is full"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Let the oldest messages be left out or summarised, use a longer context, or start a "
        "new conversation.",
    ),
    QT_TRANSLATE_NOOP("Engine", "This message is too long for the model"),
    QT_TRANSLATE_NOOP("Engine", "Shorten the message, or use a longer context."),
    QT_TRANSLATE_NOOP("Engine", "Shorten the summary or the message, or use a longer context."),
    QT_TRANSLATE_NOOP("Engine", "This model is too large for this computer"),
    QT_TRANSLATE_NOOP("Engine", "A context of {n_ctx} tokens would fit."),
    QT_TRANSLATE_NOOP("Engine", "The whole context would fit with a KV cache of type {kv_type}."),
    QT_TRANSLATE_NOOP("Engine", "A quantization of at most {bits} bits a weight would fit."),
    QT_TRANSLATE_NOOP("Engine", "Choose a smaller model."),
    QT_TRANSLATE_NOOP("Engine", "Or close other programs."),
    QT_TRANSLATE_NOOP("Engine", "This model's architecture is not supported"),
    QT_TRANSLATE_NOOP("Engine", "Choose another model, or update Conclave."),
    QT_TRANSLATE_NOOP("Engine", "A tensor of this model is of an unknown type"),
    QT_TRANSLATE_NOOP("Engine", "Choose another quantization of this model, or update Conclave."),
    QT_TRANSLATE_NOOP("Engine", "A tensor of this model cannot be read"),
    QT_TRANSLATE_NOOP("Engine", "Get a newer conversion of this model, or another model."),
    QT_TRANSLATE_NOOP("Engine", "A tensor of this model is missing"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Download this file again; if that does not help, get another conversion of the model.",
    ),
    QT_TRANSLATE_NOOP("Engine", "A tensor of this model has the wrong shape"),
    QT_TRANSLATE_NOOP("Engine", "This model was made for another version"),
    QT_TRANSLATE_NOOP("Engine", "This model has no complete tokenizer"),
    QT_TRANSLATE_NOOP("Engine", "This model's tokenizer is not supported"),
    QT_TRANSLATE_NOOP("Engine", "The model file is not complete"),
    QT_TRANSLATE_NOOP("Engine", "The model file is not as it should be"),
    QT_TRANSLATE_NOOP("Engine", "This KV type does not go with this model"),
    QT_TRANSLATE_NOOP("Engine", "Choose the KV type f16, or bf16."),
    QT_TRANSLATE_NOOP("Engine", "Something went wrong inside Conclave"),
    QT_TRANSLATE_NOOP("Engine", "The log file has the details. You can go on working."),
    QT_TRANSLATE_NOOP("Engine", "The conversation has changed meanwhile"),
    QT_TRANSLATE_NOOP("Engine", "Open it again from the list."),
    QT_TRANSLATE_NOOP("Engine", "No model is chosen"),
    QT_TRANSLATE_NOOP("Engine", "Choose a model at the top of the window, then try again."),
    QT_TRANSLATE_NOOP("Engine", "The oldest messages could not be summarised"),
    QT_TRANSLATE_NOOP("Engine", "Another model or a longer context may help."),
    QT_TRANSLATE_NOOP("Engine", "The model ended its answer before the first word"),
    QT_TRANSLATE_NOOP("Engine", "Try again, or ask in other words."),
    QT_TRANSLATE_NOOP("Engine", "{name} is tuned"),
    QT_TRANSLATE_NOOP("Engine", "This conversation is no longer there"),
    QT_TRANSLATE_NOOP("Engine", "This message is no longer there"),
    QT_TRANSLATE_NOOP(
        "Engine", "Another window or terminal may have removed it. Nothing was written."
    ),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Another window or terminal may have removed it. Open the list of conversations again.",
    ),
    QT_TRANSLATE_NOOP("Engine", "The backup cannot take the place of the database"),
    QT_TRANSLATE_NOOP("Engine", "Choose another name or folder."),
    QT_TRANSLATE_NOOP("Engine", "This answer cannot be continued"),
    QT_TRANSLATE_NOOP(
        "Engine", "Open the conversation again: another window or terminal may have changed it."
    ),
    QT_TRANSLATE_NOOP("Engine", "The conversation database is damaged"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Start Conclave again: it sets the damaged file aside under a dated name, deletes "
        "nothing, and begins a new one.",
    ),
    QT_TRANSLATE_NOOP("Engine", "Another program holds the conversation database"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Close the other program (a backup, a database browser, a second Conclave) and try again.",
    ),
    QT_TRANSLATE_NOOP("Engine", "The disk is full"),
    QT_TRANSLATE_NOOP("Engine", "Nothing was half written. Free some space and try again."),
    QT_TRANSLATE_NOOP("Engine", "The conversation database cannot be written"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Make the folder and the files in it writable for your user, or set CONCLAVE_DATA_DIR "
        "to another folder.",
    ),
    QT_TRANSLATE_NOOP("Engine", "The conversation database was moved while it was open"),
    QT_TRANSLATE_NOOP("Engine", "Put it back and start Conclave again."),
    QT_TRANSLATE_NOOP("Engine", "The conversation database could not be read or written"),
    QT_TRANSLATE_NOOP("Engine", "Check that the disk is connected and works, then try again."),
    QT_TRANSLATE_NOOP("Engine", "This message is still being written"),
    QT_TRANSLATE_NOOP("Engine", "Stop the answer first."),
    QT_TRANSLATE_NOOP("Engine", "The conversation database is closed"),
    QT_TRANSLATE_NOOP("Engine", "The conversation database cannot be opened"),
    QT_TRANSLATE_NOOP("Engine", "A newer Conclave made the conversation database"),
    QT_TRANSLATE_NOOP("Engine", "Install the newest Conclave. The database was not changed."),
    QT_TRANSLATE_NOOP("Engine", "The file could not be written"),
    QT_TRANSLATE_NOOP(
        "Engine", "Choose another folder, or free some space. No half file was left."
    ),
    QT_TRANSLATE_NOOP("Engine", "The file cannot be read"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Check that it is whole and that you may read it; if it was downloaded, download it again.",
    ),
    QT_TRANSLATE_NOOP("Engine", "There are no conversations here that Conclave can read"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Choose the file or .zip that ChatGPT or Claude sent you, LM Studio's folder of "
        "conversations, Jan's folder of threads, or a file that Conclave exported.",
    ),
    QT_TRANSLATE_NOOP("Engine", "A file in the archive is too large"),
    QT_TRANSLATE_NOOP("Engine", "Unpack the archive and choose the file in it, if you trust it."),
    QT_TRANSLATE_NOOP("Engine", "A newer Conclave made this file"),
    QT_TRANSLATE_NOOP("Engine", "Install the newest Conclave and import the file with it."),
    QT_TRANSLATE_NOOP("Engine", "“{name}” cannot be read"),
    QT_TRANSLATE_NOOP("Engine", "Open it in the program that made it, and save it again."),
    QT_TRANSLATE_NOOP("Engine", "Reading “{name}” takes too long"),
    QT_TRANSLATE_NOOP("Engine", "Attach a smaller part of it, or save it as a text file."),
    QT_TRANSLATE_NOOP("Engine", "“{name}” is too large"),
    QT_TRANSLATE_NOOP("Engine", "Attach the part that the question is about."),
    QT_TRANSLATE_NOOP("Engine", "“{name}” is damaged"),
    QT_TRANSLATE_NOOP(
        "Engine", "Open it in a word processor, and save it again as a Word document (.docx)."
    ),
    QT_TRANSLATE_NOOP("Engine", "“{name}” is not a text"),
    QT_TRANSLATE_NOOP("Engine", "Save it as one of these."),
    QT_TRANSLATE_NOOP("Engine", "Open it in a text editor, and save it again as UTF-8."),
    QT_TRANSLATE_NOOP("Engine", "“{name}” is not there"),
    QT_TRANSLATE_NOOP("Engine", "It may have been moved or renamed. Choose it again."),
    QT_TRANSLATE_NOOP("Engine", "Open it in the program that made it, and save it again as a PDF."),
    QT_TRANSLATE_NOOP(
        "Engine", "Open it in the program that made it, and save it again as a Word document."
    ),
    QT_TRANSLATE_NOOP("Engine", "“{name}” has no text"),
    QT_TRANSLATE_NOOP("Engine", "Attach another file."),
    QT_TRANSLATE_NOOP("Engine", "“{name}” has too much text"),
    QT_TRANSLATE_NOOP("Engine", "“{name}” is empty"),
    QT_TRANSLATE_NOOP("Engine", "This model cannot see pictures"),
    QT_TRANSLATE_NOOP("Engine", "Describe in words what it shows, or attach its text."),
    QT_TRANSLATE_NOOP("Engine", "“{name}” is a folder"),
    QT_TRANSLATE_NOOP("Engine", "Choose files inside it."),
    QT_TRANSLATE_NOOP("Engine", "“{name}” cannot be opened"),
    QT_TRANSLATE_NOOP(
        "Engine", "Save it again without a password, as a Word document (.docx) of today."
    ),
    QT_TRANSLATE_NOOP(
        "Engine", "Let a program with text recognition (OCR) make a PDF with text of it."
    ),
    QT_TRANSLATE_NOOP("Engine", "Look whether you may open the file, then try again."),
    QT_TRANSLATE_NOOP("Engine", "“{name}” is protected"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Open it in a PDF viewer, print it to a new PDF without protection, and attach that.",
    ),
    QT_TRANSLATE_NOOP("Engine", "Open it in a PDF viewer, and print or save it as a PDF again."),
    QT_TRANSLATE_NOOP("Engine", "Let the download finish, or download the file again."),
    QT_TRANSLATE_NOOP("Engine", "1 page."),
    QT_TRANSLATE_NOOP("Engine", "{count} pages."),
    QT_TRANSLATE_NOOP("Engine", "{width} x {height} pixels."),
    QT_TRANSLATE_NOOP("Engine", "{count} of them without text."),
    QT_TRANSLATE_NOOP("Engine", "Read as Latin-1, since it is not UTF-8."),
    QT_TRANSLATE_NOOP("Engine", "looking at this computer"),
    QT_TRANSLATE_NOOP("Engine", "1 thread"),
    QT_TRANSLATE_NOOP("Engine", "{count} threads"),
    QT_TRANSLATE_NOOP("Engine", "batch {size}"),
    QT_TRANSLATE_NOOP("Engine", "flash attention {choice}"),
    QT_TRANSLATE_NOOP("Engine", "KV cache {type}"),
    QT_TRANSLATE_NOOP("Engine", "gives way"),
    QT_TRANSLATE_NOOP("Engine", "gives way to other programs"),
    QT_TRANSLATE_NOOP("Engine", "Convert the checkpoint to GGUF first, or get the model as GGUF."),
    QT_TRANSLATE_NOOP("Engine", "Unpack it and choose the .gguf file in it."),
    QT_TRANSLATE_NOOP("Engine", "Download the file itself; behind a sign-in page, sign in first."),
    QT_TRANSLATE_NOOP(
        "Engine", "Choose a file that ends in .gguf, or convert the checkpoint first."
    ),
    QT_TRANSLATE_NOOP("Engine", "Choose the first part; it loads the others."),
    QT_TRANSLATE_NOOP(
        "Engine", "Parts of several models or versions are mixed: download the model again."
    ),
    QT_TRANSLATE_NOOP("Engine", "The model cannot take in the picture"),
    QT_TRANSLATE_NOOP("Engine", "Try another picture, or the same one in another size."),
    QT_TRANSLATE_NOOP("Engine", "The picture has too many tokens for one step"),
    QT_TRANSLATE_NOOP(
        "Engine", "Set the tokens of a prefill step higher, or make the picture smaller."
    ),
    QT_TRANSLATE_NOOP("Engine", "The projector does not belong to this model"),
    QT_TRANSLATE_NOOP(
        "Engine", "Choose the projector that was published with this model, or go on without it."
    ),
    QT_TRANSLATE_NOOP("Engine", "The picture is too large"),
    QT_TRANSLATE_NOOP("Engine", "Make it smaller, or cut out the part that the question is about."),
    QT_TRANSLATE_NOOP("Engine", "The picture cannot be read"),
    QT_TRANSLATE_NOOP(
        "Engine", "Open it in a program for pictures, and save it again as PNG or JPEG."
    ),
    QT_TRANSLATE_NOOP("Engine", "The projector for pictures cannot be used"),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Choose the projector that was published with this model, or go on without pictures.",
    ),
    QT_TRANSLATE_NOOP(
        "Engine",
        "Choose a model that sees pictures, put its projector into its folder, or remove the"
        " picture.",
    ),
    QT_TRANSLATE_NOOP("Engine", "This is a projector and not a model"),
    QT_TRANSLATE_NOOP("Engine", "Choose the model that it belongs to, then open it again."),
)
