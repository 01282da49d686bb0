<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>Actions</name>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Reading and writing</source>
        <translation>阅读与书写</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Import and export</source>
        <translation>导入与导出</translation>
    </message>
    <message>
        <source>View</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>Conclave</source>
        <translation>Conclave</translation>
    </message>
    <message>
        <source>Previous message, in the conversation</source>
        <translation>上一条消息（在对话中）</translation>
    </message>
    <message>
        <source>Next message, in the conversation</source>
        <translation>下一条消息（在对话中）</translation>
    </message>
    <message>
        <source>Copy the message</source>
        <translation>复制消息</translation>
    </message>
    <message>
        <source>Edit the message</source>
        <translation>编辑消息</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>重新回答</translation>
    </message>
    <message>
        <source>Continue the answer</source>
        <translation>继续回答</translation>
    </message>
    <message>
        <source>Branch from the message</source>
        <translation>从此消息建立分支</translation>
    </message>
    <message>
        <source>Statistics of the answer</source>
        <translation>回答的统计</translation>
    </message>
    <message>
        <source>More about the message</source>
        <translation>更多消息操作</translation>
    </message>
    <message>
        <source>Previous version of the message</source>
        <translation>消息的上一版本</translation>
    </message>
    <message>
        <source>Next version of the message</source>
        <translation>消息的下一版本</translation>
    </message>
    <message>
        <source>Back in wide code, tables and formulas</source>
        <translation>在较宽的代码、表格和公式中向左移动</translation>
    </message>
    <message>
        <source>Further in wide code, tables and formulas</source>
        <translation>在较宽的代码、表格和公式中向右移动</translation>
    </message>
    <message>
        <source>Select letters, in the conversation</source>
        <translation>在对话中逐字选择</translation>
    </message>
    <message>
        <source>Select words, in the conversation</source>
        <translation>在对话中逐词选择</translation>
    </message>
    <message>
        <source>Select paragraphs, in the conversation</source>
        <translation>在对话中逐段选择</translation>
    </message>
    <message>
        <source>Select messages, in the conversation</source>
        <translation>在对话中逐条消息选择</translation>
    </message>
    <message>
        <source>Delete the message</source>
        <translation>删除消息</translation>
    </message>
    <message>
        <source>Compare two answers to the last question</source>
        <translation>比较对最后一个问题的两个回答</translation>
    </message>
    <message>
        <source>New temporary conversation</source>
        <translation>新建临时对话</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Show or hide the settings of this conversation</source>
        <translation>显示或隐藏此对话的设置</translation>
    </message>
    <message>
        <source>Export conversations…</source>
        <translation>导出对话…</translation>
    </message>
    <message>
        <source>Import conversations…</source>
        <translation>导入对话…</translation>
    </message>
    <message>
        <source>Import a folder of LM Studio or Jan…</source>
        <translation>导入 LM Studio 或 Jan 的文件夹…</translation>
    </message>
    <message>
        <source>Undo the last import…</source>
        <translation>撤销上次导入…</translation>
    </message>
    <message>
        <source>Back up everything…</source>
        <translation>备份全部…</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>Next conversation</source>
        <translation>下一个对话</translation>
    </message>
    <message>
        <source>Previous conversation</source>
        <translation>上一个对话</translation>
    </message>
    <message>
        <source>Rename the conversation</source>
        <translation>重命名对话</translation>
    </message>
    <message>
        <source>Delete the conversation</source>
        <translation>删除对话</translation>
    </message>
    <message>
        <source>Search all conversations</source>
        <translation>搜索所有对话</translation>
    </message>
    <message>
        <source>Write a message</source>
        <translation>撰写消息</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>添加附件</translation>
    </message>
    <message>
        <source>Copy the last answer</source>
        <translation>复制最后一个回答</translation>
    </message>
    <message>
        <source>Find in this conversation</source>
        <translation>在此对话中查找</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Open a model file</source>
        <translation>打开模型文件</translation>
    </message>
    <message>
        <source>Tune this model for this computer</source>
        <translation>针对本机调优此模型</translation>
    </message>
    <message>
        <source>Show the models folder</source>
        <translation>打开模型文件夹</translation>
    </message>
    <message>
        <source>Show or hide the conversations</source>
        <translation>显示或隐藏对话列表</translation>
    </message>
    <message>
        <source>Show or hide the experts</source>
        <translation>显示或隐藏专家</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Find an action, a conversation or a model</source>
        <translation>查找操作、对话或模型</translation>
    </message>
    <message>
        <source>Open the menu</source>
        <translation>打开菜单</translation>
    </message>
    <message>
        <source>Show all shortcuts</source>
        <translation>显示所有快捷键</translation>
    </message>
    <message>
        <source>Show the introduction</source>
        <translation>显示介绍</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Delete, in the list</source>
        <translation>删除（在列表中）</translation>
    </message>
    <message>
        <source>Open or close a folder, in the list</source>
        <translation>展开或收起文件夹（在列表中）</translation>
    </message>
    <message>
        <source>Open the chosen hit, in the search</source>
        <translation>打开选中的结果（在搜索中）</translation>
    </message>
    <message>
        <source>Send the message</source>
        <translation>发送消息</translation>
    </message>
    <message>
        <source>Begin a new line</source>
        <translation>换行</translation>
    </message>
    <message>
        <source>Stop the answer</source>
        <translation>停止回答</translation>
    </message>
    <message>
        <source>Edit the last question, in an empty field</source>
        <translation>编辑上一个问题（输入框为空时）</translation>
    </message>
    <message>
        <source>Next hit, while finding</source>
        <translation>下一条结果（查找时）</translation>
    </message>
    <message>
        <source>Previous hit, while finding</source>
        <translation>上一条结果（查找时）</translation>
    </message>
    <message>
        <source>Copy what is selected</source>
        <translation>复制所选内容</translation>
    </message>
    <message>
        <source>Select all, in the conversation</source>
        <translation>全选（在对话中）</translation>
    </message>
    <message>
        <source>Show or hide the thinking, in the conversation</source>
        <translation>显示或隐藏思考（在对话中）</translation>
    </message>
    <message>
        <source>Larger text</source>
        <translation>放大文字</translation>
    </message>
    <message>
        <source>Smaller text</source>
        <translation>缩小文字</translation>
    </message>
    <message>
        <source>Text in the usual size</source>
        <translation>恢复文字大小</translation>
    </message>
    <message>
        <source>Open the menu of what the keyboard is at</source>
        <translation>打开键盘焦点处的菜单</translation>
    </message>
</context>
<context>
    <name>Appearance</name>
    <message>
        <source>“System” is light, dark or rich in contrast as your desktop is. High contrast is light on a light desktop and dark on a dark one.</source>
        <translation>“系统”随桌面显示为浅色、深色或高对比度。高对比度在浅色桌面上为浅色，在深色桌面上为深色。</translation>
    </message>
    <message>
        <source>In parts of the size that your desktop has set. Ctrl and plus, minus or zero change it anywhere in the window.</source>
        <translation>相对于桌面所设字号的比例。在窗口任意位置按 Ctrl 加加号、减号或零均可调整。</translation>
    </message>
    <message>
        <source>System</source>
        <translation>系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>高对比度</translation>
    </message>
</context>
<context>
    <name>ArrangementControl</name>
    <message>
        <source>New folder</source>
        <translation>新建文件夹</translation>
    </message>
</context>
<context>
    <name>AttachmentChip</name>
    <message>
        <source>Remove {name}</source>
        <translation>移除 {name}</translation>
    </message>
</context>
<context>
    <name>AttachmentDialog</name>
    <message>
        <source>{size}, {count} characters of text. {note}</source>
        <translation>{size}，文本共 {count} 个字符。{note}</translation>
    </message>
    <message>
        <source>Text of {name}</source>
        <translation>{name} 的文本</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>AttachmentRow</name>
    <message>
        <source>Attached files</source>
        <translation>附件</translation>
    </message>
</context>
<context>
    <name>Attention</name>
    <message>
        <source>The answer is there</source>
        <translation>回答已完成</translation>
    </message>
    <message>
        <source>Show the window</source>
        <translation>显示窗口</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
</context>
<context>
    <name>ChatPage</name>
    <message>
        <source>It has {count} characters; up to {most} can be edited.</source>
        <translation>它有 {count} 个字符；最多可以编辑 {most} 个。</translation>
    </message>
    <message>
        <source>This message is too long to be edited here</source>
        <translation>这条消息太长，无法在这里编辑</translation>
    </message>
    <message>
        <source>Copy it, change it in another program, and attach it as a file.</source>
        <translation>请复制它，在其他程序中修改，然后作为文件附上。</translation>
    </message>
    <message>
        <source>About this conversation</source>
        <translation>关于此对话</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>当前状态</translation>
    </message>
    <message>
        <source>Tokens of your message with the conversation</source>
        <translation>你的消息连同对话的词元数</translation>
    </message>
</context>
<context>
    <name>Code</name>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Command palette</source>
        <translation>命令面板</translation>
    </message>
    <message>
        <source>Letters of what you look for</source>
        <translation>要查找的内容</translation>
    </message>
    <message>
        <source>Find an action, a conversation, a model…</source>
        <translation>查找操作、对话、模型…</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>查找结果</translation>
    </message>
    <message>
        <source>Nothing has these letters in this order.</source>
        <translation>没有匹配的内容。</translation>
    </message>
</context>
<context>
    <name>CompareSide</name>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Settings of this answer</source>
        <translation>此回答的设置</translation>
    </message>
    <message>
        <source>Keep this answer</source>
        <translation>保留此回答</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
</context>
<context>
    <name>CompareWindow</name>
    <message>
        <source>Compare two answers</source>
        <translation>比较两个回答</translation>
    </message>
    <message>
        <source>Notice</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Ask both (Ctrl+Return)</source>
        <translation>向两者提问 (Ctrl+Return)</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>First</source>
        <translation>第一个</translation>
    </message>
    <message>
        <source>Second</source>
        <translation>第二个</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Ask both</source>
        <translation>向两者提问</translation>
    </message>
    <message>
        <source>One answers after the other, since the engine holds one model at a time.</source>
        <translation>两者依次回答，因为引擎一次只能载入一个模型。</translation>
    </message>
    <message>
        <source>Choose two models or two settings. The answer that you keep goes into the conversation, the other stays beside it as a version.</source>
        <translation>请选择两个模型或两组设置。你保留的回答会进入对话，另一个作为其另一版本保留。</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Attach files</source>
        <translation>添加附件</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
</context>
<context>
    <name>ComposerEdit</name>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>Ask anything</source>
        <translation>想问什么都可以</translation>
    </message>
</context>
<context>
    <name>ContextButton</name>
    <message>
        <source>How much of the context the conversation takes; click for what happens when it is full</source>
        <translation>此对话占用了多少上下文；点击可设置上下文已满时的处理方式</translation>
    </message>
    <message>
        <source>{used} of {length} tokens</source>
        <translation>{used} / {length} 词元</translation>
    </message>
    <message>
        <source>Context: {words}</source>
        <translation>上下文：{words}</translation>
    </message>
    <message>
        <source>When the context is full</source>
        <translation>上下文已满时</translation>
    </message>
    <message>
        <source>When the context is full:</source>
        <translation>上下文已满时：</translation>
    </message>
    <message>
        <source>Read the summary…</source>
        <translation>查看摘要…</translation>
    </message>
</context>
<context>
    <name>ContextControl</name>
    <message>
        <source>The summary was undone</source>
        <translation>摘要已撤销</translation>
    </message>
    <message>
        <source>The next answer is given without it.</source>
        <translation>下一个回答将不再使用它。</translation>
    </message>
</context>
<context>
    <name>ContextPolicy</name>
    <message>
        <source>Leave out the oldest messages</source>
        <translation>略去最早的消息</translation>
    </message>
    <message>
        <source>Summarise the oldest messages</source>
        <translation>为最早的消息生成摘要</translation>
    </message>
    <message>
        <source>Stop and say so</source>
        <translation>停止并提示</translation>
    </message>
</context>
<context>
    <name>ConversationListModel</name>
    <message>
        <source>Pinned</source>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨天</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>最近 7 天</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>最近 30 天</translation>
    </message>
    <message>
        <source>Earlier</source>
        <translation>更早</translation>
    </message>
    <message>
        <source>Conversation: {title}, answering</source>
        <translation>对话：{title}，正在回答</translation>
    </message>
    <message>
        <source>Conversation: {title}, unread answer</source>
        <translation>对话：{title}，有未读回答</translation>
    </message>
    <message>
        <source>Conversation: {title}</source>
        <translation>对话：{title}</translation>
    </message>
    <message>
        <source>Folder: {name}, {count} conversations, collapsed</source>
        <translation>文件夹：{name}，{count} 个对话，已折叠</translation>
    </message>
    <message>
        <source>Folder: {name}, {count} conversations, expanded</source>
        <translation>文件夹：{name}，{count} 个对话，已展开</translation>
    </message>
</context>
<context>
    <name>ConversationMenu</name>
    <message>
        <source>Unpin</source>
        <translation>取消置顶</translation>
    </message>
    <message>
        <source>Pin to the top</source>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Remove the folder, keep its conversations</source>
        <translation>移除文件夹，保留其中的对话</translation>
    </message>
    <message>
        <source>Put into a folder</source>
        <translation>放入文件夹</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>新建文件夹</translation>
    </message>
    <message>
        <source>Take out of its folder</source>
        <translation>移出文件夹</translation>
    </message>
</context>
<context>
    <name>ConversationView</name>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
</context>
<context>
    <name>DraftDisplay</name>
    <message>
        <source>reading, {percent} %</source>
        <translation>读取中，{percent}%</translation>
    </message>
    <message>
        <source>reading…</source>
        <translation>读取中…</translation>
    </message>
    <message>
        <source>{count} tokens: too long for the context of {n_ctx}</source>
        <translation>{count} 词元：超出了 {n_ctx} 的上下文</translation>
    </message>
    <message>
        <source>{count} of {n_ctx} tokens: the oldest messages make room</source>
        <translation>{count} / {n_ctx} 词元：将略去最早的消息以腾出空间</translation>
    </message>
    <message>
        <source>{count} of {n_ctx} tokens</source>
        <translation>{count} / {n_ctx} 词元</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count} 词元</translation>
    </message>
    <message>
        <source>about {count} tokens</source>
        <translation>约 {count} 词元</translation>
    </message>
</context>
<context>
    <name>Drafting</name>
    <message>
        <source>A file is still being read</source>
        <translation>仍有文件在读取中</translation>
    </message>
    <message>
        <source>“{name}” is not ready yet.</source>
        <translation>“{name}”尚未就绪。</translation>
    </message>
    <message>
        <source>Wait a moment, or remove it.</source>
        <translation>请稍候，或将其移除。</translation>
    </message>
    <message>
        <source>This message is too long for the model</source>
        <translation>此消息对模型来说太长</translation>
    </message>
    <message>
        <source>It has {n} tokens; the context holds {n_ctx}, of which {kept} are kept for the answer.</source>
        <translation>消息有 {n} 个词元；上下文可容纳 {n_ctx} 个，其中 {kept} 个留给回答。</translation>
    </message>
    <message>
        <source>Shorten it or remove a file, or use a longer context.</source>
        <translation>请缩短消息、移除一个文件，或使用更长的上下文。</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>添加附件</translation>
    </message>
    <message>
        <source>Pasted picture</source>
        <translation>粘贴的图片</translation>
    </message>
    <message>
        <source>Pasted text.txt</source>
        <translation>粘贴的文本.txt</translation>
    </message>
    <message>
        <source>This model cannot see pictures</source>
        <translation>此模型无法识别图片</translation>
    </message>
    <message>
        <source>It reads text only: there is no projector (mmproj…gguf) for it beside it.</source>
        <translation>它只能读取文本：旁边没有对应的投影器文件 (mmproj…gguf)。</translation>
    </message>
    <message>
        <source>Choose a model that sees pictures, or describe in words what they show.</source>
        <translation>请选择能识别图片的模型，或用文字描述图片内容。</translation>
    </message>
    <message>
        <source>“{name}” does not fit</source>
        <translation>“{name}”放不下</translation>
    </message>
    <message>
        <source>It has {n} tokens; of the context of {n_ctx}, {left} are left beside the rest of your message.</source>
        <translation>该文件有 {n} 个词元；在 {n_ctx} 的上下文中，除去消息的其余部分只剩 {left} 个。</translation>
    </message>
    <message>
        <source>Attach the part that the question is about, or use a longer context.</source>
        <translation>请只附上与问题有关的部分，或使用更长的上下文。</translation>
    </message>
</context>
<context>
    <name>EndButton</name>
    <message>
        <source>To the newest text</source>
        <translation>到最新内容</translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source>{sentence} {next}</source>
        <translation>{sentence}{next}</translation>
    </message>
    <message>
        <source>The engine stopped unexpectedly</source>
        <translation>引擎意外停止</translation>
    </message>
    <message>
        <source>The system may have ended it for lack of memory. Try again, or a smaller model.</source>
        <translation>系统可能因内存不足而将其结束。请重试，或换用更小的模型。</translation>
    </message>
    <message>
        <source>Try again; if it happens each time, choose another model.</source>
        <translation>请重试；如果每次都发生，请选择其他模型。</translation>
    </message>
    <message>
        <source>The model&apos;s file was cut short or its drive went away while it was in use. See that it is whole, or download it again.</source>
        <translation>使用过程中模型文件被截短，或其所在磁盘断开。请确认文件完整，或重新下载。</translation>
    </message>
    <message>
        <source>Try again: the engine starts anew.</source>
        <translation>请重试：引擎会重新启动。</translation>
    </message>
    <message>
        <source>The engine was stuck and has been ended</source>
        <translation>引擎卡住，已被结束</translation>
    </message>
    <message>
        <source>Try again: the engine starts anew. If it happens each time, choose another model.</source>
        <translation>请重试：引擎会重新启动。如果每次都发生，请选择其他模型。</translation>
    </message>
    <message>
        <source>A worker that held part of the model is gone</source>
        <translation>承载部分模型的工作进程已断开</translation>
    </message>
    <message>
        <source>Start it again, or take it out of the list of workers, and try again.</source>
        <translation>请重新启动它，或将其从工作进程列表中移除，然后重试。</translation>
    </message>
    <message>
        <source>The engine ran out of memory</source>
        <translation>引擎内存不足</translation>
    </message>
    <message>
        <source>Choose a shorter context, a smaller model or a smaller quantization, or close programs.</source>
        <translation>请选择更短的上下文、更小的模型或更低的量化，或关闭其他程序。</translation>
    </message>
    <message>
        <source>A sampling value cannot be used</source>
        <translation>某个采样值无法使用</translation>
    </message>
    <message>
        <source>Correct the value, or leave it out.</source>
        <translation>请更正该值，或将其去掉。</translation>
    </message>
    <message>
        <source>This model has no experts</source>
        <translation>此模型没有专家</translation>
    </message>
    <message>
        <source>Choose a mixture of experts, such as one of the families qwen3moe, deepseek2 or gpt-oss.</source>
        <translation>请选择专家混合模型，例如 qwen3moe、deepseek2 或 gpt-oss 系列。</translation>
    </message>
    <message>
        <source>This file is not a chat model</source>
        <translation>此文件不是对话模型</translation>
    </message>
    <message>
        <source>Choose the model itself.</source>
        <translation>请选择模型本身。</translation>
    </message>
    <message>
        <source>Choose a model that was made for chats.</source>
        <translation>请选择用于对话的模型。</translation>
    </message>
    <message>
        <source>Choose its model, and give this file as --adapter.</source>
        <translation>请选择它所属的模型，并以 --adapter 指定此文件。</translation>
    </message>
    <message>
        <source>This is not the address of a worker</source>
        <translation>这不是工作进程的地址</translation>
    </message>
    <message>
        <source>Give it like 192.168.0.10:50052.</source>
        <translation>请按 192.168.0.10:50052 的格式填写。</translation>
    </message>
    <message>
        <source>A worker is of another version</source>
        <translation>工作进程的版本不同</translation>
    </message>
    <message>
        <source>Use the same version of Conclave on both machines.</source>
        <translation>请在两台机器上使用相同版本的 Conclave。</translation>
    </message>
    <message>
        <source>A worker is busy</source>
        <translation>工作进程正忙</translation>
    </message>
    <message>
        <source>Close the other program that uses it, or start another worker there.</source>
        <translation>请关闭正在使用它的其他程序，或在那里启动另一个工作进程。</translation>
    </message>
    <message>
        <source>A worker does not answer</source>
        <translation>工作进程没有响应</translation>
    </message>
    <message>
        <source>Start it there with `conclave rpc-worker`, or take it out of the list of workers.</source>
        <translation>请在那台机器上用 `conclave rpc-worker` 启动它，或将其从工作进程列表中移除。</translation>
    </message>
    <message>
        <source>The worker could not be started</source>
        <translation>无法启动工作进程</translation>
    </message>
    <message>
        <source>Choose another port, or an address of this machine.</source>
        <translation>请选择其他端口，或本机的某个地址。</translation>
    </message>
    <message>
        <source>The adapter does not belong to this model</source>
        <translation>适配器与此模型不匹配</translation>
    </message>
    <message>
        <source>Choose an adapter that was made for this model, or go on without it.</source>
        <translation>请选择为此模型制作的适配器，或不使用适配器继续。</translation>
    </message>
    <message>
        <source>The adapter cannot be used</source>
        <translation>无法使用此适配器</translation>
    </message>
    <message>
        <source>Choose a LoRA adapter in GGUF.</source>
        <translation>请选择 GGUF 格式的 LoRA 适配器。</translation>
    </message>
    <message>
        <source>Choose a LoRA adapter.</source>
        <translation>请选择 LoRA 适配器。</translation>
    </message>
    <message>
        <source>Choose an ordinary LoRA adapter.</source>
        <translation>请选择普通的 LoRA 适配器。</translation>
    </message>
    <message>
        <source>The adapter could not be loaded</source>
        <translation>无法加载适配器</translation>
    </message>
    <message>
        <source>Choose another adapter, or go on without it.</source>
        <translation>请选择其他适配器，或不使用适配器继续。</translation>
    </message>
    <message>
        <source>The model file is damaged</source>
        <translation>模型文件已损坏</translation>
    </message>
    <message>
        <source>Download the file again, or remove {name} if it belongs to another version.</source>
        <translation>请重新下载该文件；如果 {name} 属于其他版本，请将其移除。</translation>
    </message>
    <message>
        <source>The checksum file cannot be read</source>
        <translation>无法读取校验和文件</translation>
    </message>
    <message>
        <source>Get it again, or remove it.</source>
        <translation>请重新获取，或将其移除。</translation>
    </message>
    <message>
        <source>The picture cannot be written</source>
        <translation>图片无法写入</translation>
    </message>
    <message>
        <source>Name a file in another folder.</source>
        <translation>请指定其他文件夹中的文件。</translation>
    </message>
    <message>
        <source>The picture could not be written</source>
        <translation>图片未能写入</translation>
    </message>
    <message>
        <source>Free some space, or name another folder.</source>
        <translation>请释放一些空间，或指定其他文件夹。</translation>
    </message>
    <message>
        <source>The engine is closed</source>
        <translation>引擎已关闭</translation>
    </message>
    <message>
        <source>Start Conclave again.</source>
        <translation>请重新启动 Conclave。</translation>
    </message>
    <message>
        <source>The engine did not start</source>
        <translation>引擎没有启动</translation>
    </message>
    <message>
        <source>The engine could not be started</source>
        <translation>无法启动引擎</translation>
    </message>
    <message>
        <source>Install Conclave again.</source>
        <translation>请重新安装 Conclave。</translation>
    </message>
    <message>
        <source>The engine met an unexpected error</source>
        <translation>引擎遇到意外错误</translation>
    </message>
    <message>
        <source>Try again; the engine&apos;s log has the details.</source>
        <translation>请重试；详情见引擎日志。</translation>
    </message>
    <message>
        <source>The engine failed in an unexpected way</source>
        <translation>引擎发生意外故障</translation>
    </message>
    <message>
        <source>Try again. The log file has the details.</source>
        <translation>请重试。详情见日志文件。</translation>
    </message>
    <message>
        <source>A part of this model is the wrong one</source>
        <translation>此模型的某个分卷不正确</translation>
    </message>
    <message>
        <source>Give all parts the names under which they were published.</source>
        <translation>请将所有分卷改回发布时的名称。</translation>
    </message>
    <message>
        <source>A part of this model is missing</source>
        <translation>此模型缺少某个分卷</translation>
    </message>
    <message>
        <source>Put all parts into one folder, or download the model again.</source>
        <translation>请将所有分卷放入同一文件夹，或重新下载模型。</translation>
    </message>
    <message>
        <source>The model file is incomplete</source>
        <translation>模型文件不完整</translation>
    </message>
    <message>
        <source>Download or copy the file again.</source>
        <translation>请重新下载或复制该文件。</translation>
    </message>
    <message>
        <source>This is not a GGUF model</source>
        <translation>这不是 GGUF 模型</translation>
    </message>
    <message>
        <source>This GGUF file is for other processors</source>
        <translation>此 GGUF 文件用于其他处理器</translation>
    </message>
    <message>
        <source>Get the little-endian file of this model, as nearly all are.</source>
        <translation>请获取此模型的小端序文件，绝大多数文件都是小端序。</translation>
    </message>
    <message>
        <source>This GGUF version cannot be read</source>
        <translation>无法读取此版本的 GGUF</translation>
    </message>
    <message>
        <source>Get a newer conversion of this model.</source>
        <translation>请获取此模型较新的转换版本。</translation>
    </message>
    <message>
        <source>The model file cannot be opened</source>
        <translation>无法打开模型文件</translation>
    </message>
    <message>
        <source>Check the path, or choose another model.</source>
        <translation>请检查路径，或选择其他模型。</translation>
    </message>
    <message>
        <source>The model file is empty</source>
        <translation>模型文件为空</translation>
    </message>
    <message>
        <source>Download it again.</source>
        <translation>请重新下载。</translation>
    </message>
    <message>
        <source>The model could not go on</source>
        <translation>模型无法继续</translation>
    </message>
    <message>
        <source>Try again, or start a new conversation.</source>
        <translation>请重试，或开始新的对话。</translation>
    </message>
    <message>
        <source>The model&apos;s context could not be made anew</source>
        <translation>无法重新创建模型的上下文</translation>
    </message>
    <message>
        <source>Try again, or choose a shorter context.</source>
        <translation>请重试，或选择更短的上下文。</translation>
    </message>
    <message>
        <source>The prompt could not be tokenized</source>
        <translation>提示词无法分词</translation>
    </message>
    <message>
        <source>Choose another model.</source>
        <translation>请选择其他模型。</translation>
    </message>
    <message>
        <source>There is not enough memory for this model</source>
        <translation>内存不足以运行此模型</translation>
    </message>
    <message>
        <source>Choose another model, or download this one again.</source>
        <translation>请选择其他模型，或重新下载此模型。</translation>
    </message>
    <message>
        <source>The model could not be loaded</source>
        <translation>模型无法加载</translation>
    </message>
    <message>
        <source>A context of {n_ctx} tokens could not be made</source>
        <translation>无法创建 {n_ctx} 词元的上下文</translation>
    </message>
    <message>
        <source>The model file was replaced while it was loaded</source>
        <translation>模型文件在加载过程中被替换</translation>
    </message>
    <message>
        <source>Load it again when the download or copy is done.</source>
        <translation>请在下载或复制完成后重新加载。</translation>
    </message>
    <message>
        <source>The context is too short for this measurement</source>
        <translation>上下文太短，无法进行此测量</translation>
    </message>
    <message>
        <source>Measure at a smaller depth, or with a longer context.</source>
        <translation>请以较小的深度测量，或使用更长的上下文。</translation>
    </message>
    <message>
        <source>Two grammars cannot hold at once</source>
        <translation>两个语法不能同时生效</translation>
    </message>
    <message>
        <source>Leave one of them out.</source>
        <translation>请去掉其中一个。</translation>
    </message>
    <message>
        <source>The grammar cannot be used</source>
        <translation>无法使用此语法</translation>
    </message>
    <message>
        <source>Correct the grammar; it needs a rule named root.</source>
        <translation>请更正语法；其中需要名为 root 的规则。</translation>
    </message>
    <message>
        <source>The JSON schema cannot be used</source>
        <translation>无法使用此 JSON schema</translation>
    </message>
    <message>
        <source>Change the schema at this place.</source>
        <translation>请修改 schema 的此处。</translation>
    </message>
    <message>
        <source>The answer cannot go on</source>
        <translation>回答无法继续</translation>
    </message>
    <message>
        <source>Change the grammar, or what the sampling forbids.</source>
        <translation>请修改语法，或采样所禁止的内容。</translation>
    </message>
    <message>
        <source>There is no room to write a summary</source>
        <translation>没有空间生成摘要</translation>
    </message>
    <message>
        <source>Shorten the summary, or use a longer context.</source>
        <translation>请缩短摘要，或使用更长的上下文。</translation>
    </message>
    <message>
        <source>Choose another model, or make or download this one again.</source>
        <translation>请选择其他模型，或重新制作或下载此模型。</translation>
    </message>
    <message>
        <source>The model could not evaluate the text</source>
        <translation>模型无法计算此文本</translation>
    </message>
    <message>
        <source>Try again, or measure with a shorter context.</source>
        <translation>请重试，或用更短的上下文测量。</translation>
    </message>
    <message>
        <source>The model&apos;s context could not be made</source>
        <translation>无法创建模型的上下文</translation>
    </message>
    <message>
        <source>Choose one of {values}.</source>
        <translation>请选择以下之一：{values}。</translation>
    </message>
    <message>
        <source>The tools cannot be used</source>
        <translation>无法使用这些工具</translation>
    </message>
    <message>
        <source>Correct the list of tools, or leave it out.</source>
        <translation>请更正工具列表，或将其去掉。</translation>
    </message>
    <message>
        <source>The model&apos;s chat template failed</source>
        <translation>模型的对话模板出错</translation>
    </message>
    <message>
        <source>Use the ChatML layout instead of it, or choose another model.</source>
        <translation>请改用 ChatML 格式，或选择其他模型。</translation>
    </message>
    <message>
        <source>The context is full</source>
        <translation>上下文已满</translation>
    </message>
    <message>
        <source>Let the oldest messages be left out or summarised, use a longer context, or start a new conversation.</source>
        <translation>请略去最早的消息或为其生成摘要，使用更长的上下文，或开始新的对话。</translation>
    </message>
    <message>
        <source>This message is too long for the model</source>
        <translation>此消息对模型来说太长</translation>
    </message>
    <message>
        <source>Shorten the message, or use a longer context.</source>
        <translation>请缩短消息，或使用更长的上下文。</translation>
    </message>
    <message>
        <source>Shorten the summary or the message, or use a longer context.</source>
        <translation>请缩短摘要或消息，或使用更长的上下文。</translation>
    </message>
    <message>
        <source>This model is too large for this computer</source>
        <translation>此模型对本机来说太大</translation>
    </message>
    <message>
        <source>A context of {n_ctx} tokens would fit.</source>
        <translation>{n_ctx} 词元的上下文可以放下。</translation>
    </message>
    <message>
        <source>The whole context would fit with a KV cache of type {kv_type}.</source>
        <translation>使用 {kv_type} 类型的 KV 缓存可以放下完整的上下文。</translation>
    </message>
    <message>
        <source>A quantization of at most {bits} bits a weight would fit.</source>
        <translation>每个权重不超过 {bits} 位的量化可以放下。</translation>
    </message>
    <message>
        <source>Choose a smaller model.</source>
        <translation>请选择更小的模型。</translation>
    </message>
    <message>
        <source>Or close other programs.</source>
        <translation>或者关闭其他程序。</translation>
    </message>
    <message>
        <source>This model&apos;s architecture is not supported</source>
        <translation>不支持此模型的架构</translation>
    </message>
    <message>
        <source>Choose another model, or update Conclave.</source>
        <translation>请选择其他模型，或更新 Conclave。</translation>
    </message>
    <message>
        <source>A tensor of this model is of an unknown type</source>
        <translation>此模型中有张量的类型未知</translation>
    </message>
    <message>
        <source>Choose another quantization of this model, or update Conclave.</source>
        <translation>请选择此模型的其他量化版本，或更新 Conclave。</translation>
    </message>
    <message>
        <source>A tensor of this model cannot be read</source>
        <translation>此模型中有张量无法读取</translation>
    </message>
    <message>
        <source>Get a newer conversion of this model, or another model.</source>
        <translation>请获取此模型较新的转换版本，或换用其他模型。</translation>
    </message>
    <message>
        <source>A tensor of this model is missing</source>
        <translation>此模型缺少某个张量</translation>
    </message>
    <message>
        <source>Download this file again; if that does not help, get another conversion of the model.</source>
        <translation>请重新下载此文件；如果无效，请获取该模型的其他转换版本。</translation>
    </message>
    <message>
        <source>A tensor of this model has the wrong shape</source>
        <translation>此模型中有张量的形状不正确</translation>
    </message>
    <message>
        <source>This model was made for another version</source>
        <translation>此模型是为其他版本制作的</translation>
    </message>
    <message>
        <source>This model has no complete tokenizer</source>
        <translation>此模型没有完整的分词器</translation>
    </message>
    <message>
        <source>This model&apos;s tokenizer is not supported</source>
        <translation>不支持此模型的分词器</translation>
    </message>
    <message>
        <source>The model file is not complete</source>
        <translation>模型文件缺少内容</translation>
    </message>
    <message>
        <source>The model file is not as it should be</source>
        <translation>模型文件不符合规范</translation>
    </message>
    <message>
        <source>This KV type does not go with this model</source>
        <translation>此 KV 类型不适用于该模型</translation>
    </message>
    <message>
        <source>Choose the KV type f16, or bf16.</source>
        <translation>请选择 KV 类型 f16 或 bf16。</translation>
    </message>
    <message>
        <source>Something went wrong inside Conclave</source>
        <translation>Conclave 内部出错</translation>
    </message>
    <message>
        <source>The log file has the details. You can go on working.</source>
        <translation>详情见日志文件。你可以继续使用。</translation>
    </message>
    <message>
        <source>The conversation has changed meanwhile</source>
        <translation>对话在此期间已发生变化</translation>
    </message>
    <message>
        <source>Open it again from the list.</source>
        <translation>请从列表中重新打开。</translation>
    </message>
    <message>
        <source>No model is chosen</source>
        <translation>尚未选择模型</translation>
    </message>
    <message>
        <source>Choose a model at the top of the window, then try again.</source>
        <translation>请在窗口顶部选择模型，然后重试。</translation>
    </message>
    <message>
        <source>The oldest messages could not be summarised</source>
        <translation>无法为最早的消息生成摘要</translation>
    </message>
    <message>
        <source>Another model or a longer context may help.</source>
        <translation>换用其他模型或更长的上下文可能有帮助。</translation>
    </message>
    <message>
        <source>The model ended its answer before the first word</source>
        <translation>模型在输出第一个词之前就结束了回答</translation>
    </message>
    <message>
        <source>Try again, or ask in other words.</source>
        <translation>请重试，或换一种问法。</translation>
    </message>
    <message>
        <source>{name} is tuned</source>
        <translation>{name} 已调优</translation>
    </message>
    <message>
        <source>This conversation is no longer there</source>
        <translation>此对话已不存在</translation>
    </message>
    <message>
        <source>This message is no longer there</source>
        <translation>此消息已不存在</translation>
    </message>
    <message>
        <source>Another window or terminal may have removed it. Nothing was written.</source>
        <translation>可能已被另一个窗口或终端移除。未写入任何内容。</translation>
    </message>
    <message>
        <source>Another window or terminal may have removed it. Open the list of conversations again.</source>
        <translation>可能已被另一个窗口或终端移除。请重新打开对话列表。</translation>
    </message>
    <message>
        <source>The backup cannot take the place of the database</source>
        <translation>备份不能覆盖数据库本身</translation>
    </message>
    <message>
        <source>Choose another name or folder.</source>
        <translation>请选择其他名称或文件夹。</translation>
    </message>
    <message>
        <source>This answer cannot be continued</source>
        <translation>此回答无法继续</translation>
    </message>
    <message>
        <source>Open the conversation again: another window or terminal may have changed it.</source>
        <translation>请重新打开对话：另一个窗口或终端可能已更改它。</translation>
    </message>
    <message>
        <source>The conversation database is damaged</source>
        <translation>对话数据库已损坏</translation>
    </message>
    <message>
        <source>Start Conclave again: it sets the damaged file aside under a dated name, deletes nothing, and begins a new one.</source>
        <translation>请重新启动 Conclave：它会将损坏的文件以带日期的名称另存，不删除任何内容，并新建一个数据库。</translation>
    </message>
    <message>
        <source>Another program holds the conversation database</source>
        <translation>对话数据库被另一个程序占用</translation>
    </message>
    <message>
        <source>Close the other program (a backup, a database browser, a second Conclave) and try again.</source>
        <translation>请关闭另一个程序（备份程序、数据库浏览器或另一个 Conclave），然后重试。</translation>
    </message>
    <message>
        <source>The disk is full</source>
        <translation>磁盘已满</translation>
    </message>
    <message>
        <source>Nothing was half written. Free some space and try again.</source>
        <translation>没有只写入一半的内容。请释放一些空间，然后重试。</translation>
    </message>
    <message>
        <source>The conversation database cannot be written</source>
        <translation>无法写入对话数据库</translation>
    </message>
    <message>
        <source>Make the folder and the files in it writable for your user, or set CONCLAVE_DATA_DIR to another folder.</source>
        <translation>请让你的用户对该文件夹及其中的文件具有写权限，或将 CONCLAVE_DATA_DIR 设为其他文件夹。</translation>
    </message>
    <message>
        <source>The conversation database was moved while it was open</source>
        <translation>对话数据库在打开期间被移动</translation>
    </message>
    <message>
        <source>Put it back and start Conclave again.</source>
        <translation>请将其放回原处，然后重新启动 Conclave。</translation>
    </message>
    <message>
        <source>The conversation database could not be read or written</source>
        <translation>无法读写对话数据库</translation>
    </message>
    <message>
        <source>Check that the disk is connected and works, then try again.</source>
        <translation>请检查磁盘是否已连接且工作正常，然后重试。</translation>
    </message>
    <message>
        <source>This message is still being written</source>
        <translation>此消息仍在生成中</translation>
    </message>
    <message>
        <source>Stop the answer first.</source>
        <translation>请先停止回答。</translation>
    </message>
    <message>
        <source>The conversation database is closed</source>
        <translation>对话数据库已关闭</translation>
    </message>
    <message>
        <source>The conversation database cannot be opened</source>
        <translation>无法打开对话数据库</translation>
    </message>
    <message>
        <source>A newer Conclave made the conversation database</source>
        <translation>对话数据库由更新版本的 Conclave 创建</translation>
    </message>
    <message>
        <source>Install the newest Conclave. The database was not changed.</source>
        <translation>请安装最新版本的 Conclave。数据库未被更改。</translation>
    </message>
    <message>
        <source>The file could not be written</source>
        <translation>文件未能写入</translation>
    </message>
    <message>
        <source>Choose another folder, or free some space. No half file was left.</source>
        <translation>请选择其他文件夹，或释放一些空间。没有留下不完整的文件。</translation>
    </message>
    <message>
        <source>The file cannot be read</source>
        <translation>文件无法读取</translation>
    </message>
    <message>
        <source>Check that it is whole and that you may read it; if it was downloaded, download it again.</source>
        <translation>请检查文件是否完整、你是否有权读取；如果是下载的文件，请重新下载。</translation>
    </message>
    <message>
        <source>There are no conversations here that Conclave can read</source>
        <translation>这里没有 Conclave 能读取的对话</translation>
    </message>
    <message>
        <source>Choose the file or .zip that ChatGPT or Claude sent you, LM Studio&apos;s folder of conversations, Jan&apos;s folder of threads, or a file that Conclave exported.</source>
        <translation>请选择 ChatGPT 或 Claude 发给你的文件或 .zip、LM Studio 的对话文件夹、Jan 的 threads 文件夹，或 Conclave 导出的文件。</translation>
    </message>
    <message>
        <source>A file in the archive is too large</source>
        <translation>压缩包中有文件太大</translation>
    </message>
    <message>
        <source>Unpack the archive and choose the file in it, if you trust it.</source>
        <translation>如果信任该压缩包，请将其解压并选择其中的文件。</translation>
    </message>
    <message>
        <source>A newer Conclave made this file</source>
        <translation>此文件由更新版本的 Conclave 创建</translation>
    </message>
    <message>
        <source>Install the newest Conclave and import the file with it.</source>
        <translation>请安装最新版本的 Conclave 并用它导入该文件。</translation>
    </message>
    <message>
        <source>“{name}” cannot be read</source>
        <translation>无法读取“{name}”</translation>
    </message>
    <message>
        <source>Open it in the program that made it, and save it again.</source>
        <translation>请在创建它的程序中打开并重新保存。</translation>
    </message>
    <message>
        <source>Reading “{name}” takes too long</source>
        <translation>读取“{name}”耗时过长</translation>
    </message>
    <message>
        <source>Attach a smaller part of it, or save it as a text file.</source>
        <translation>请只附上其中较小的部分，或将其另存为文本文件。</translation>
    </message>
    <message>
        <source>“{name}” is too large</source>
        <translation>“{name}”太大</translation>
    </message>
    <message>
        <source>Attach the part that the question is about.</source>
        <translation>请只附上与问题有关的部分。</translation>
    </message>
    <message>
        <source>“{name}” is damaged</source>
        <translation>“{name}”已损坏</translation>
    </message>
    <message>
        <source>Open it in a word processor, and save it again as a Word document (.docx).</source>
        <translation>请用文字处理软件打开，并重新保存为 Word 文档 (.docx)。</translation>
    </message>
    <message>
        <source>“{name}” is not a text</source>
        <translation>“{name}”不是文本</translation>
    </message>
    <message>
        <source>Save it as one of these.</source>
        <translation>请将其另存为上述格式之一。</translation>
    </message>
    <message>
        <source>Open it in a text editor, and save it again as UTF-8.</source>
        <translation>请用文本编辑器打开，并以 UTF-8 重新保存。</translation>
    </message>
    <message>
        <source>“{name}” is not there</source>
        <translation>“{name}”不存在</translation>
    </message>
    <message>
        <source>It may have been moved or renamed. Choose it again.</source>
        <translation>它可能已被移动或重命名。请重新选择。</translation>
    </message>
    <message>
        <source>Open it in the program that made it, and save it again as a PDF.</source>
        <translation>请在创建它的程序中打开，并重新保存为 PDF。</translation>
    </message>
    <message>
        <source>Open it in the program that made it, and save it again as a Word document.</source>
        <translation>请在创建它的程序中打开，并重新保存为 Word 文档。</translation>
    </message>
    <message>
        <source>“{name}” has no text</source>
        <translation>“{name}”中没有文本</translation>
    </message>
    <message>
        <source>Attach another file.</source>
        <translation>请附上其他文件。</translation>
    </message>
    <message>
        <source>“{name}” has too much text</source>
        <translation>“{name}”的文本太多</translation>
    </message>
    <message>
        <source>“{name}” is empty</source>
        <translation>“{name}”是空的</translation>
    </message>
    <message>
        <source>This model cannot see pictures</source>
        <translation>此模型无法识别图片</translation>
    </message>
    <message>
        <source>Describe in words what it shows, or attach its text.</source>
        <translation>请用文字描述其内容，或附上其中的文本。</translation>
    </message>
    <message>
        <source>“{name}” is a folder</source>
        <translation>“{name}”是文件夹</translation>
    </message>
    <message>
        <source>Choose files inside it.</source>
        <translation>请选择其中的文件。</translation>
    </message>
    <message>
        <source>“{name}” cannot be opened</source>
        <translation>无法打开“{name}”</translation>
    </message>
    <message>
        <source>Save it again without a password, as a Word document (.docx) of today.</source>
        <translation>请去除密码，并重新保存为当前的 Word 文档格式 (.docx)。</translation>
    </message>
    <message>
        <source>Let a program with text recognition (OCR) make a PDF with text of it.</source>
        <translation>请用带文字识别 (OCR) 的程序将其转为含文本的 PDF。</translation>
    </message>
    <message>
        <source>Look whether you may open the file, then try again.</source>
        <translation>请检查你是否有权打开该文件，然后重试。</translation>
    </message>
    <message>
        <source>“{name}” is protected</source>
        <translation>“{name}”受保护</translation>
    </message>
    <message>
        <source>Open it in a PDF viewer, print it to a new PDF without protection, and attach that.</source>
        <translation>请在 PDF 阅读器中打开，打印为不受保护的新 PDF，再附上该文件。</translation>
    </message>
    <message>
        <source>Open it in a PDF viewer, and print or save it as a PDF again.</source>
        <translation>请在 PDF 阅读器中打开，并重新打印或保存为 PDF。</translation>
    </message>
    <message>
        <source>Let the download finish, or download the file again.</source>
        <translation>请等待下载完成，或重新下载该文件。</translation>
    </message>
    <message>
        <source>1 page.</source>
        <translation>1 页。</translation>
    </message>
    <message>
        <source>{count} pages.</source>
        <translation>{count} 页。</translation>
    </message>
    <message>
        <source>{width} x {height} pixels.</source>
        <translation>{width} × {height} 像素。</translation>
    </message>
    <message>
        <source>{count} of them without text.</source>
        <translation>其中 {count} 页没有文本。</translation>
    </message>
    <message>
        <source>Read as Latin-1, since it is not UTF-8.</source>
        <translation>不是 UTF-8，因此按 Latin-1 读取。</translation>
    </message>
    <message>
        <source>looking at this computer</source>
        <translation>正在检测本机</translation>
    </message>
    <message>
        <source>1 thread</source>
        <translation>1 个线程</translation>
    </message>
    <message>
        <source>{count} threads</source>
        <translation>{count} 个线程</translation>
    </message>
    <message>
        <source>batch {size}</source>
        <translation>批大小 {size}</translation>
    </message>
    <message>
        <source>flash attention {choice}</source>
        <translation>Flash Attention {choice}</translation>
    </message>
    <message>
        <source>KV cache {type}</source>
        <translation>KV 缓存 {type}</translation>
    </message>
    <message>
        <source>gives way</source>
        <translation>让出处理器</translation>
    </message>
    <message>
        <source>gives way to other programs</source>
        <translation>为其他程序让出处理器</translation>
    </message>
    <message>
        <source>Convert the checkpoint to GGUF first, or get the model as GGUF.</source>
        <translation>请先将检查点转换为 GGUF，或获取 GGUF 格式的模型。</translation>
    </message>
    <message>
        <source>Unpack it and choose the .gguf file in it.</source>
        <translation>请解压并选择其中的 .gguf 文件。</translation>
    </message>
    <message>
        <source>Download the file itself; behind a sign-in page, sign in first.</source>
        <translation>请下载文件本身；如果需要登录，请先登录。</translation>
    </message>
    <message>
        <source>Choose a file that ends in .gguf, or convert the checkpoint first.</source>
        <translation>请选择以 .gguf 结尾的文件，或先转换检查点。</translation>
    </message>
    <message>
        <source>Choose the first part; it loads the others.</source>
        <translation>请选择第一个分卷，它会加载其余分卷。</translation>
    </message>
    <message>
        <source>Parts of several models or versions are mixed: download the model again.</source>
        <translation>混入了多个模型或版本的分卷：请重新下载模型。</translation>
    </message>
    <message>
        <source>The model cannot take in the picture</source>
        <translation>模型无法读取这张图片</translation>
    </message>
    <message>
        <source>Try another picture, or the same one in another size.</source>
        <translation>请换一张图片，或改变这张图片的尺寸。</translation>
    </message>
    <message>
        <source>The picture has too many tokens for one step</source>
        <translation>图片的词元太多，一步处理不完</translation>
    </message>
    <message>
        <source>Set the tokens of a prefill step higher, or make the picture smaller.</source>
        <translation>请调高每步预填充的词元数，或缩小图片。</translation>
    </message>
    <message>
        <source>The projector does not belong to this model</source>
        <translation>投影器与此模型不匹配</translation>
    </message>
    <message>
        <source>Choose the projector that was published with this model, or go on without it.</source>
        <translation>请选择随此模型发布的投影器，或不用投影器继续。</translation>
    </message>
    <message>
        <source>The picture is too large</source>
        <translation>图片太大</translation>
    </message>
    <message>
        <source>Make it smaller, or cut out the part that the question is about.</source>
        <translation>请缩小图片，或只截取与问题有关的部分。</translation>
    </message>
    <message>
        <source>The picture cannot be read</source>
        <translation>无法读取图片</translation>
    </message>
    <message>
        <source>Open it in a program for pictures, and save it again as PNG or JPEG.</source>
        <translation>请用图片程序打开，另存为 PNG 或 JPEG。</translation>
    </message>
    <message>
        <source>The projector for pictures cannot be used</source>
        <translation>图片投影器无法使用</translation>
    </message>
    <message>
        <source>Choose the projector that was published with this model, or go on without pictures.</source>
        <translation>请选择随此模型发布的投影器，或不用图片继续。</translation>
    </message>
    <message>
        <source>Choose a model that sees pictures, put its projector into its folder, or remove the picture.</source>
        <translation>请选择能看图片的模型，把它的投影器放进模型所在文件夹，或移除图片。</translation>
    </message>
    <message>
        <source>This is a projector and not a model</source>
        <translation>这是投影器，不是模型</translation>
    </message>
    <message>
        <source>Choose the model that it belongs to, then open it again.</source>
        <translation>请先选择它所属的模型，然后再打开它。</translation>
    </message>
</context>
<context>
    <name>ExpertsMap</name>
    <message>
        <source>Experts by layer</source>
        <translation>各层专家</translation>
    </message>
    <message>
        <source>Layer {layer}, expert {expert}: {share} of {n} tokens</source>
        <translation>第 {layer} 层，专家 {expert}：{n} 个词元中的 {share}</translation>
    </message>
</context>
<context>
    <name>ExpertsPanel</name>
    <message>
        <source>Experts</source>
        <translation>专家</translation>
    </message>
    <message>
        <source>Use of the experts</source>
        <translation>专家使用情况</translation>
    </message>
    <message>
        <source>Chosen expert</source>
        <translation>所选专家</translation>
    </message>
    <message>
        <source>Close the panel of experts</source>
        <translation>关闭专家面板</translation>
    </message>
    <message>
        <source>Make it a window, or put it back</source>
        <translation>变为独立窗口，或放回原处</translation>
    </message>
    <message>
        <source>From the next answer on, this shows which experts of the model answer: a row a layer, a column an expert. A model of one piece has none to show.</source>
        <translation>从下一个回答开始，这里会显示模型中由哪些专家作答：每行一层，每列一个专家。稠密模型没有可显示的专家。</translation>
    </message>
    <message>
        <source>{used} of {experts} experts for each token, {layers} layers. Evenness {balance}.</source>
        <translation>每个词元使用 {experts} 个专家中的 {used} 个，共 {layers} 层。均衡度 {balance}。</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export conversations</source>
        <translation>导出对话</translation>
    </message>
    <message>
        <source>All conversations</source>
        <translation>所有对话</translation>
    </message>
    <message>
        <source>Markdown</source>
        <translation>Markdown</translation>
    </message>
    <message>
        <source>HTML page</source>
        <translation>HTML 页面</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>With the thinking of the models</source>
        <translation>包含模型的思考过程</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>This conversation</source>
        <translation>此对话</translation>
    </message>
    <message>
        <source>This conversation: {title}</source>
        <translation>此对话：{title}</translation>
    </message>
    <message>
        <source>The branch on the screen, word for word; all conversations as a .zip of files.</source>
        <translation>逐字导出当前显示的分支；导出所有对话时打包为 .zip 文件。</translation>
    </message>
    <message>
        <source>One page for any browser, without scripts and without anything from the network.</source>
        <translation>一个可用任何浏览器打开的页面，不含脚本，也不加载任何网络内容。</translation>
    </message>
    <message>
        <source>Everything: branches, thinking, statistics, dates. Conclave can import it again.</source>
        <translation>全部内容：分支、思考、统计、日期。Conclave 可以重新导入。</translation>
    </message>
</context>
<context>
    <name>Figures</name>
    <message>
        <source>dd MMMM yyyy, HH:mm</source>
        <translation>yyyy年M月d日 HH:mm</translation>
    </message>
    <message>
        <source>{count} bytes</source>
        <translation>{count} 字节</translation>
    </message>
</context>
<context>
    <name>FileDialog</name>
    <message>
        <source>Look in:</source>
        <translation>查找范围：</translation>
    </message>
    <message>
        <source>Files of type:</source>
        <translation>文件类型：</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>Find in this conversation</source>
        <translation>在此对话中查找</translation>
    </message>
    <message>
        <source>Words to find</source>
        <translation>要查找的文字</translation>
    </message>
    <message>
        <source>Previous hit</source>
        <translation>上一条结果</translation>
    </message>
    <message>
        <source>Next hit</source>
        <translation>下一条结果</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>未找到</translation>
    </message>
    <message>
        <source>Searching…</source>
        <translation>正在搜索…</translation>
    </message>
    <message>
        <source>{position} of {count}</source>
        <translation>{position} / {count}</translation>
    </message>
</context>
<context>
    <name>FirstRunPage</name>
    <message>
        <source>Introduction</source>
        <translation>介绍</translation>
    </message>
    <message>
        <source>Skip the introduction</source>
        <translation>跳过介绍</translation>
    </message>
    <message>
        <source>Skip the introduction (Esc)</source>
        <translation>跳过介绍 (Esc)</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>上一步</translation>
    </message>
    <message>
        <source>Welcome to Conclave</source>
        <translation>欢迎使用 Conclave</translation>
    </message>
    <message>
        <source>Conclave runs language models on this computer. Nothing that you write leaves it: there is no account, and no server reads along.</source>
        <translation>Conclave 在本机运行语言模型。你写的内容不会离开本机：无需账户，也没有服务器读取你的内容。</translation>
    </message>
    <message>
        <source>Your conversations lie in one file of yours, in this folder:</source>
        <translation>你的对话保存在以下文件夹中属于你的一个文件里：</translation>
    </message>
    <message>
        <source>Folder of the conversations</source>
        <translation>对话所在文件夹</translation>
    </message>
    <message>
        <source>A temporary conversation touches the disk nowhere.</source>
        <translation>临时对话不会写入磁盘。</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Models folder</source>
        <translation>模型文件夹</translation>
    </message>
    <message>
        <source>Open a model file…</source>
        <translation>打开模型文件…</translation>
    </message>
    <message>
        <source>Show the models folder</source>
        <translation>打开模型文件夹</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查找</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>试一试</translation>
    </message>
    <message>
        <source>Ask one of these, or write a question of your own into the field below.</source>
        <translation>试试以下问题之一，或在下方输入框中写下你自己的问题。</translation>
    </message>
    <message>
        <source>What can you help me with?</source>
        <translation>你能帮我做些什么？</translation>
    </message>
    <message>
        <source>Explain in three sentences how a rainbow comes about.</source>
        <translation>用三句话解释彩虹是怎样形成的。</translation>
    </message>
    <message>
        <source>Write a short poem about the first snow.</source>
        <translation>写一首关于初雪的短诗。</translation>
    </message>
    <message>
        <source>Ctrl+K finds every action, F1 shows all keys. This introduction stands in the menu.</source>
        <translation>按 Ctrl+K 可查找所有操作，按 F1 显示所有快捷键。可从菜单中再次打开此介绍。</translation>
    </message>
    <message>
        <source>Begin</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Step {step} of {count}</source>
        <translation>第 {step} 步，共 {count} 步</translation>
    </message>
    <message>
        <source>These are in the models folder. You can change it at any time.</source>
        <translation>以下是模型文件夹中的模型。你可以随时更换。</translation>
    </message>
    <message>
        <source>There is none yet. Drop a model file (its name ends in .gguf) on this window, open one, or put it in the models folder:</source>
        <translation>还没有模型。请将模型文件（文件名以 .gguf 结尾）拖到此窗口，或打开一个模型文件，或将其放入模型文件夹：</translation>
    </message>
    <message>
        <source>{name}, the small starter model</source>
        <translation>{name}，小型入门模型</translation>
    </message>
    <message>
        <source>It fits: it takes {needed} of {free} free memory</source>
        <translation>可以运行：需要 {needed}，可用内存 {free}</translation>
    </message>
    <message>
        <source>It takes {needed}, and {free} of memory are free</source>
        <translation>需要 {needed}，可用内存 {free}</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Model: {name}</source>
        <translation>模型：{name}</translation>
    </message>
    <message>
        <source>Show or hide the conversations</source>
        <translation>显示或隐藏对话列表</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>Choose the model that answers</source>
        <translation>选择作答的模型</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Show or hide the settings of this conversation</source>
        <translation>显示或隐藏此对话的设置</translation>
    </message>
    <message>
        <source>Stop tuning</source>
        <translation>停止调优</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>No models found</source>
        <translation>未找到模型</translation>
    </message>
    <message>
        <source>Tune this model for this computer</source>
        <translation>针对本机调优此模型</translation>
    </message>
    <message>
        <source>Tries threads, batches and more for two or three minutes</source>
        <translation>用两三分钟尝试不同的线程数、批大小等</translation>
    </message>
    <message>
        <source>Open a model file…</source>
        <translation>打开模型文件…</translation>
    </message>
    <message>
        <source>Show the models folder</source>
        <translation>打开模型文件夹</translation>
    </message>
    <message>
        <source>Not loaded</source>
        <translation>未加载</translation>
    </message>
    <message>
        <source>Loading {percent} %</source>
        <translation>正在加载 {percent}%</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>Could not be loaded</source>
        <translation>无法加载</translation>
    </message>
    <message>
        <source>Tuning {percent} %: {words}</source>
        <translation>调优 {percent}%：{words}</translation>
    </message>
    <message>
        <source>{architecture}, {count} million parameters, {size}</source>
        <translation>{architecture}，{count} 百万参数，{size}</translation>
    </message>
    <message>
        <source>Context {n_ctx} of {n_ctx_train} tokens</source>
        <translation>上下文 {n_ctx} / {n_ctx_train} 词元</translation>
    </message>
    <message>
        <source>{device}, {count} threads</source>
        <translation>{device}，{count} 个线程</translation>
    </message>
    <message>
        <source>Tuned for this computer: {settings}</source>
        <translation>已针对本机调优：{settings}</translation>
    </message>
</context>
<context>
    <name>ImportDialog</name>
    <message>
        <source>Import conversations</source>
        <translation>导入对话</translation>
    </message>
    <message>
        <source>What is broken and why</source>
        <translation>损坏的内容及原因</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>No conversation in it can be read.</source>
        <translation>其中没有可读取的对话。</translation>
    </message>
    <message>
        <source>Conversations: {conversations}. Messages: {messages}.</source>
        <translation>对话：{conversations}。消息：{messages}。</translation>
    </message>
    <message>
        <source>With them come folders: {folders}, personas: {personas}.</source>
        <translation>随附文件夹：{folders}，角色：{personas}。</translation>
    </message>
    <message>
        <source>Entries left out: {lost}. Remarks on others: {partly}.</source>
        <translation>略去的条目：{lost}。其他条目的说明：{partly}。</translation>
    </message>
    <message>
        <source>Nothing is stored yet. An import can be undone as a whole.</source>
        <translation>尚未保存任何内容。导入可以整体撤销。</translation>
    </message>
</context>
<context>
    <name>LanguageSetting</name>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Of the window; models answer in the language they are asked in.</source>
        <translation>窗口的语言；模型会用提问所用的语言回答。</translation>
    </message>
</context>
<context>
    <name>LinkDialog</name>
    <message>
        <source>Open this link?</source>
        <translation>打开此链接？</translation>
    </message>
    <message>
        <source>The link leads out of Conclave, to:</source>
        <translation>此链接将离开 Conclave，前往：</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>复制地址</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Notice</source>
        <translation>通知</translation>
    </message>
</context>
<context>
    <name>MessageActions</name>
    <message>
        <source>Answer again with</source>
        <translation>换模型重新回答</translation>
    </message>
    <message>
        <source>The message was deleted.</source>
        <translation>消息已删除。</translation>
    </message>
    <message>
        <source>The message and its answers were deleted.</source>
        <translation>消息及其回答已删除。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Deleted message</source>
        <translation>已删除的消息</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy as plain text</source>
        <translation>复制为纯文本</translation>
    </message>
    <message>
        <source>Copy with the thinking</source>
        <translation>连同思考一起复制</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>重新回答</translation>
    </message>
    <message>
        <source>Continue the answer</source>
        <translation>继续回答</translation>
    </message>
    <message>
        <source>Branch from here</source>
        <translation>从此处建立分支</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation>统计</translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation>上一版本</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>下一版本</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>Version {position} of {count}</source>
        <translation>版本 {position} / {count}</translation>
    </message>
    <message>
        <source>This message</source>
        <translation>此消息</translation>
    </message>
</context>
<context>
    <name>MessageTreeService</name>
    <message>
        <source>{title} (branch)</source>
        <translation>{title}（分支）</translation>
    </message>
</context>
<context>
    <name>ModelControl</name>
    <message>
        <source>Open a model file</source>
        <translation>打开模型文件</translation>
    </message>
    <message>
        <source>Models (*.gguf)</source>
        <translation>模型 (*.gguf)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Choose another model</source>
        <translation>选择其他模型</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
</context>
<context>
    <name>Note</name>
    <message>
        <source>This message has {count} characters. It is too long to be formatted and is shown as it was written.</source>
        <translation>此消息有 {count} 个字符，太长而无法排版，因此按原文显示。</translation>
    </message>
    <message>
        <source>A part of {count} characters without a break follows. From here on the message is shown as it was written.</source>
        <translation>后面是一段 {count} 个字符、没有换行的内容。从这里起消息按原文显示。</translation>
    </message>
    <message>
        <source>This paragraph has {count} characters. It is too long to be formatted and is shown as it was written.</source>
        <translation>此段落有 {count} 个字符，太长而无法排版，因此按原文显示。</translation>
    </message>
    <message>
        <source>This part is nested more than {count} levels deep and is shown as it was written.</source>
        <translation>此部分嵌套超过 {count} 层，因此按原文显示。</translation>
    </message>
    <message>
        <source>This table has {count} cells. It is too large to be laid out and is shown as it was written.</source>
        <translation>此表格有 {count} 个单元格，太大而无法排版，因此按原文显示。</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>Palette</name>
    <message>
        <source>When the context is full: leave out the oldest messages</source>
        <translation>上下文已满时：略去最早的消息</translation>
    </message>
    <message>
        <source>When the context is full: summarise the oldest messages</source>
        <translation>上下文已满时：为最早的消息生成摘要</translation>
    </message>
    <message>
        <source>When the context is full: stop</source>
        <translation>上下文已满时：停止</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>设置</translation>
    </message>
</context>
<context>
    <name>PersonaDialog</name>
    <message>
        <source>New persona</source>
        <translation>新角色</translation>
    </message>
    <message>
        <source>You are a helpful assistant.</source>
        <translation>你是一位乐于助人的助手。</translation>
    </message>
    <message>
        <source>{name} (copy)</source>
        <translation>{name}（副本）</translation>
    </message>
    <message>
        <source>Personas</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>A persona is a system prompt with a name. A conversation that takes one has its own copy: what you change here changes no conversation.</source>
        <translation>角色是一段有名称的系统提示词。对话使用角色时会保留自己的副本：在此处所做的更改不影响任何对话。</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>New</source>
        <translation>新建</translation>
    </message>
    <message>
        <source>Duplicate</source>
        <translation>复制一份</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Bring back what was deleted, at the end</source>
        <translation>恢复已删除的角色，放在末尾</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Move up (Alt+Up)</source>
        <translation>上移 (Alt+Up)</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Move down (Alt+Down)</source>
        <translation>下移 (Alt+Down)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Use in this conversation</source>
        <translation>用于此对话</translation>
    </message>
</context>
<context>
    <name>PictureDialog</name>
    <message>
        <source>{name}, {size}. {note}</source>
        <translation>{name}，{size}。{note}</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>The picture cannot be read.</source>
        <translation>无法读取此图片。</translation>
    </message>
</context>
<context>
    <name>Program</name>
    <message>
        <source>The conversation database was damaged; a new one was begun</source>
        <translation>对话数据库已损坏，已新建一个</translation>
    </message>
    <message>
        <source>The old file was kept as {path}</source>
        <translation>旧文件保存为 {path}</translation>
    </message>
    <message>
        <source>Conclave does not touch it any more. Specialists can often recover much of it.</source>
        <translation>Conclave 不会再改动旧文件。专业人员往往能从中恢复大部分内容。</translation>
    </message>
</context>
<context>
    <name>ProgressDialog</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Cancelling…</source>
        <translation>正在取消…</translation>
    </message>
</context>
<context>
    <name>PromptField</name>
    <message>
        <source>Persona</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>For example: You are a patient teacher.</source>
        <translation>例如：你是一位有耐心的老师。</translation>
    </message>
    <message>
        <source>No persona</source>
        <translation>无角色</translation>
    </message>
    <message>
        <source>Keep this prompt as a persona…</source>
        <translation>将此提示词保存为角色…</translation>
    </message>
    <message>
        <source>All personas…</source>
        <translation>所有角色…</translation>
    </message>
    <message>
        <source>Own words</source>
        <translation>自定义</translation>
    </message>
</context>
<context>
    <name>Sampling</name>
    <message>
        <source>The model&apos;s default is known once it is loaded.</source>
        <translation>模型加载后即可知其默认值。</translation>
    </message>
    <message>
        <source>The model&apos;s default is {value}.</source>
        <translation>模型的默认值为 {value}。</translation>
    </message>
    <message>
        <source>{sentence} {default}</source>
        <translation>{sentence}{default}</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Higher is livelier and less certain; 0 always takes the likeliest word.</source>
        <translation>越高越活泼、越不确定；0 总是取最可能的词。</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Draws only from the likeliest words that together reach this probability.</source>
        <translation>只从累计概率达到此值的最可能的词中采样。</translation>
    </message>
    <message>
        <source>Top K</source>
        <translation>Top K</translation>
    </message>
    <message>
        <source>Draws only from so many of the likeliest words; 0: all.</source>
        <translation>只从这么多个最可能的词中采样；0 表示全部。</translation>
    </message>
    <message>
        <source>Min P</source>
        <translation>Min P</translation>
    </message>
    <message>
        <source>Leaves out words less likely than this share of the likeliest one.</source>
        <translation>排除概率低于最可能词这一比例的词。</translation>
    </message>
    <message>
        <source>Repeat penalty</source>
        <translation>重复惩罚</translation>
    </message>
    <message>
        <source>Above 1, words of the last lines become less likely to come again.</source>
        <translation>大于 1 时，最近出现过的词不太会再次出现。</translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation>回答最大长度</translation>
    </message>
    <message>
        <source>An answer ends after so many tokens, finished or not.</source>
        <translation>达到这么多词元后回答即结束，无论是否说完。</translation>
    </message>
    <message>
        <source>No limit</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>With the same number the same question gets the same answer.</source>
        <translation>使用相同的数字，相同的问题会得到相同的回答。</translation>
    </message>
    <message>
        <source>Random</source>
        <translation>随机</translation>
    </message>
    <message>
        <source>Presence penalty</source>
        <translation>存在惩罚</translation>
    </message>
    <message>
        <source>Above 0, words that have come once are drawn less often.</source>
        <translation>大于 0 时，出现过的词被采样的机会减少。</translation>
    </message>
    <message>
        <source>Frequency penalty</source>
        <translation>频率惩罚</translation>
    </message>
    <message>
        <source>The same, and stronger the more often a word has come.</source>
        <translation>同上，且词出现得越多惩罚越强。</translation>
    </message>
    <message>
        <source>Penalties look back</source>
        <translation>惩罚回看范围</translation>
    </message>
    <message>
        <source>The penalties look at so many of the last tokens; -1 at all.</source>
        <translation>惩罚只考虑最近这么多个词元；-1 表示全部。</translation>
    </message>
    <message>
        <source>DRY</source>
        <translation>DRY</translation>
    </message>
    <message>
        <source>Above 0, whole phrases are kept from being repeated; 0.8 is usual.</source>
        <translation>大于 0 时，避免整段短语重复；常用值为 0.8。</translation>
    </message>
    <message>
        <source>Typical P</source>
        <translation>Typical P</translation>
    </message>
    <message>
        <source>Below 1, words that would surprise too much are left out.</source>
        <translation>小于 1 时，排除过于出人意料的词。</translation>
    </message>
    <message>
        <source>Top n-sigma</source>
        <translation>Top n-sigma</translation>
    </message>
    <message>
        <source>Above 0, draws only from words within so many deviations of the likeliest one.</source>
        <translation>大于 0 时，只从与最可能词相差这么多个标准差以内的词中采样。</translation>
    </message>
    <message>
        <source>XTC</source>
        <translation>XTC</translation>
    </message>
    <message>
        <source>So often the likeliest words are left out on purpose, for variety.</source>
        <translation>以此概率故意排除最可能的词，以增加多样性。</translation>
    </message>
    <message>
        <source>XTC threshold</source>
        <translation>XTC 阈值</translation>
    </message>
    <message>
        <source>XTC leaves out only words more likely than this.</source>
        <translation>XTC 只排除概率高于此值的词。</translation>
    </message>
    <message>
        <source>Dynamic temperature</source>
        <translation>动态温度</translation>
    </message>
    <message>
        <source>The temperature moves this far up and down with the model&apos;s doubt.</source>
        <translation>温度随模型的不确定程度在此范围内上下浮动。</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Search all conversations</source>
        <translation>搜索所有对话</translation>
    </message>
    <message>
        <source>Arrow keys choose a hit, Enter opens it, Escape leaves</source>
        <translation>方向键选择结果，Enter 打开，Esc 退出</translation>
    </message>
    <message>
        <source>Search all titles and messages ({key})</source>
        <translation>搜索所有标题和消息 ({key})</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
</context>
<context>
    <name>SearchResults</name>
    <message>
        <source>Hits</source>
        <translation>搜索结果</translation>
    </message>
</context>
<context>
    <name>SearchResultsModel</name>
    <message>
        <source>The best {count} hits</source>
        <translation>最相关的 {count} 条结果</translation>
    </message>
    <message>
        <source>1 hit</source>
        <translation>1 条结果</translation>
    </message>
    <message>
        <source>{count} hits</source>
        <translation>{count} 条结果</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>未找到</translation>
    </message>
    <message>
        <source>Older messages are being indexed: {share} %</source>
        <translation>正在为较早的消息建立索引：{share}%</translation>
    </message>
    <message>
        <source>Thinking: </source>
        <translation>思考：</translation>
    </message>
    <message>
        <source>{file}: </source>
        <translation>{file}：</translation>
    </message>
    <message>
        <source>Conversation: {title}</source>
        <translation>对话：{title}</translation>
    </message>
    <message>
        <source>Thinking, in {title}: {excerpt}</source>
        <translation>思考，在“{title}”中：{excerpt}</translation>
    </message>
    <message>
        <source>File {file}, in {title}: {excerpt}</source>
        <translation>文件 {file}，在“{title}”中：{excerpt}</translation>
    </message>
    <message>
        <source>You, in {title}: {excerpt}</source>
        <translation>你，在“{title}”中：{excerpt}</translation>
    </message>
    <message>
        <source>Answer, in {title}: {excerpt}</source>
        <translation>回答，在“{title}”中：{excerpt}</translation>
    </message>
</context>
<context>
    <name>SettingRow</name>
    <message>
        <source>{sentence} Default: {default}.</source>
        <translation>{sentence}默认值：{default}。</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>默认</translation>
    </message>
    <message>
        <source>Default for: {title}</source>
        <translation>恢复默认：{title}</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source> min</source>
        <translation> 分钟</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>从不</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>引擎</translation>
    </message>
    <message>
        <source>Memory for conversations</source>
        <translation>对话所用内存</translation>
    </message>
    <message>
        <source>What the model has read of conversations that are not open stays in memory up to this size, so that it need not read them again.</source>
        <translation>未打开的对话中模型已读过的内容会保留在内存中，不超过此大小，这样就不必重新读取。</translation>
    </message>
    <message>
        <source>Disk for conversations</source>
        <translation>对话所用磁盘空间</translation>
    </message>
    <message>
        <source>The same on disk, where it outlives the program; 0 keeps nothing.</source>
        <translation>同上，但保存在磁盘上，程序退出后仍然保留；0 表示不保留。</translation>
    </message>
    <message>
        <source>Give an idle model back after</source>
        <translation>空闲模型释放时间</translation>
    </message>
    <message>
        <source>A model that is not used for so long leaves the memory and is loaded again with the next message.</source>
        <translation>模型闲置超过此时间后会从内存中释放，并在下一条消息时重新加载。</translation>
    </message>
    <message>
        <source>{minutes} min</source>
        <translation>{minutes} 分钟</translation>
    </message>
    <message>
        <source>Workers on other machines</source>
        <translation>其他机器上的工作进程</translation>
    </message>
    <message>
        <source>Machines that run “conclave rpc-worker” and hold part of each model, as host:port, with commas between them.</source>
        <translation>运行“conclave rpc-worker”并承载每个模型一部分的机器，格式为 host:port，以逗号分隔。</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Model {name}</source>
        <translation>模型 {name}</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>线程数</translation>
    </message>
    <message>
        <source>Processor threads that compute; more than the machine has cores make it slower.</source>
        <translation>参与计算的处理器线程；超过机器核心数反而会变慢。</translation>
    </message>
    <message>
        <source>Flash attention</source>
        <translation>Flash Attention</translation>
    </message>
    <message>
        <source>A way to compute attention that takes less memory; “auto” leaves it to the engine.</source>
        <translation>一种更省内存的注意力计算方式；“auto”表示由引擎决定。</translation>
    </message>
    <message>
        <source>Type of the KV cache</source>
        <translation>KV 缓存类型</translation>
    </message>
    <message>
        <source>Smaller types leave room for longer conversations and cost a little accuracy; most need flash attention.</source>
        <translation>较小的类型可容纳更长的对话，但会略微损失精度；大多需要 Flash Attention。</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>窗口</translation>
    </message>
    <message>
        <source>Tell when an answer ends</source>
        <translation>回答完成时通知</translation>
    </message>
    <message>
        <source>For answers of more than ten seconds, while another window is used.</source>
        <translation>适用于超过十秒的回答，且正在使用其他窗口时。</translation>
    </message>
    <message>
        <source>Icon in the system tray</source>
        <translation>系统托盘图标</translation>
    </message>
    <message>
        <source>A click on it brings the window forward, where the system has a tray.</source>
        <translation>在有托盘的系统上，单击图标即可将窗口置于最前。</translation>
    </message>
    <message>
        <source>On</source>
        <translation>开</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>{mib} MiB</source>
        <translation>{mib} MiB</translation>
    </message>
    <message>
        <source> MiB</source>
        <translation> MiB</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>配色</translation>
    </message>
    <message>
        <source>Size of text</source>
        <translation>文字大小</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Shortcuts</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Sidebar</source>
        <translation>侧边栏</translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>New conversation (Ctrl+N)</source>
        <translation>新建对话 (Ctrl+N)</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>新建文件夹</translation>
    </message>
    <message>
        <source>Temporary conversation, kept nowhere</source>
        <translation>临时对话，不作任何保存</translation>
    </message>
</context>
<context>
    <name>StartPage</name>
    <message>
        <source>Models are published on the web: search for “GGUF instruct” and the name of a model, and download one file. It has to fit into memory: with 8 GB take one of up to 4 GB.</source>
        <translation>模型发布在网上：搜索“GGUF instruct”和模型的名称，下载一个文件即可。它必须装得进内存：8 GB 内存请选 4 GB 以内的文件。</translation>
    </message>
    <message>
        <source>Add a model</source>
        <translation>添加模型</translation>
    </message>
    <message>
        <source>Add a model to begin</source>
        <translation>先添加一个模型</translation>
    </message>
    <message>
        <source>Conclave runs language models on this computer. Drop a model file (its name ends in .gguf) on this window, open one, or put it in the models folder:</source>
        <translation>Conclave 在本机运行语言模型。请将模型文件（文件名以 .gguf 结尾）拖到此窗口，或打开一个模型文件，或将其放入模型文件夹：</translation>
    </message>
    <message>
        <source>Models folder</source>
        <translation>模型文件夹</translation>
    </message>
    <message>
        <source>Open a model file…</source>
        <translation>打开模型文件…</translation>
    </message>
    <message>
        <source>Show the models folder</source>
        <translation>打开模型文件夹</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查找</translation>
    </message>
</context>
<context>
    <name>StatisticsDialog</name>
    <message>
        <source>Statistics of this answer</source>
        <translation>此回答的统计</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Thinking</source>
        <translation>思考</translation>
    </message>
    <message>
        <source>{tokens} tokens, {reused} of them reused</source>
        <translation>{tokens} 词元，其中 {reused} 个复用</translation>
    </message>
    <message>
        <source>{tokens} tokens</source>
        <translation>{tokens} 词元</translation>
    </message>
    <message>
        <source>{used} of {length} tokens</source>
        <translation>{used} / {length} 词元</translation>
    </message>
    <message>
        <source>{tokens} tokens of the prompt</source>
        <translation>提示词中的 {tokens} 词元</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Prefill</source>
        <translation>预填充</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Decode</source>
        <translation>解码</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>Sampling</source>
        <translation>采样</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>{speed} tokens/s, {duration}</source>
        <translation>{speed} 词元/秒，{duration}</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} 秒</translation>
    </message>
</context>
<context>
    <name>Steering</name>
    <message>
        <source>{name}: back to the default</source>
        <translation>{name}：恢复默认</translation>
    </message>
</context>
<context>
    <name>SteeringPanel</name>
    <message>
        <source>The model is told this before everything else: who it is and how it answers. By default it is told nothing.</source>
        <translation>在一切之前告诉模型的内容：它是谁、如何回答。默认不告诉任何内容。</translation>
    </message>
    <message>
        <source>What happens when the conversation is longer than the model can read. By default the oldest messages are left out.</source>
        <translation>对话长度超出模型可读范围时如何处理。默认略去最早的消息。</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>As for new conversations: {name}</source>
        <translation>与新对话相同：{name}</translation>
    </message>
    <message>
        <source>This model gives the next answers here; other conversations keep theirs. By default it is the one that new conversations get.</source>
        <translation>此对话接下来由该模型回答；其他对话保持各自的模型。默认使用新对话所用的模型。</translation>
    </message>
    <message>
        <source>Fewer settings</source>
        <translation>收起设置</translation>
    </message>
    <message>
        <source>More settings</source>
        <translation>更多设置</translation>
    </message>
    <message>
        <source>Settings of this conversation</source>
        <translation>此对话的设置</translation>
    </message>
    <message>
        <source>This conversation</source>
        <translation>此对话</translation>
    </message>
    <message>
        <source>Close the settings</source>
        <translation>关闭设置</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>When the context is full</source>
        <translation>上下文已满时</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示词</translation>
    </message>
</context>
<context>
    <name>StoreErrorPage</name>
    <message>
        <source>The conversations cannot be opened</source>
        <translation>无法打开对话</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
</context>
<context>
    <name>SummaryDialog</name>
    <message>
        <source>Summary of the earlier messages</source>
        <translation>早先消息的摘要</translation>
    </message>
    <message>
        <source>The model reads this in place of the messages above the line. You can change it. Undone, it is forgotten, and the oldest messages are left out instead; the messages themselves stay here in any case.</source>
        <translation>模型读取此摘要以代替分隔线以上的消息。你可以修改它。撤销后摘要即被丢弃，改为略去最早的消息；无论如何，消息本身都会保留在这里。</translation>
    </message>
    <message>
        <source>Summary</source>
        <translation>摘要</translation>
    </message>
    <message>
        <source>Undo the summary</source>
        <translation>撤销摘要</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
</context>
<context>
    <name>TemporaryWindow</name>
    <message>
        <source>Temporary conversation</source>
        <translation>临时对话</translation>
    </message>
    <message>
        <source>Close the temporary conversation?</source>
        <translation>关闭临时对话？</translation>
    </message>
    <message>
        <source>It is kept nowhere: what was written here cannot be brought back.</source>
        <translation>它不会保存在任何地方：此处的内容无法找回。</translation>
    </message>
    <message>
        <source>Close it</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Keep it open</source>
        <translation>保持打开</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Notice</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Kept nowhere, neither in the list nor on the disk; gone with this window.</source>
        <translation>不保存在列表中，也不写入磁盘；关闭此窗口即消失。</translation>
    </message>
    <message>
        <source>Show or hide the settings of this conversation</source>
        <translation>显示或隐藏此对话的设置</translation>
    </message>
</context>
<context>
    <name>ThinkingButton</name>
    <message>
        <source>Thinking</source>
        <translation>思考</translation>
    </message>
    <message>
        <source>At most, before the answer begins:</source>
        <translation>开始回答前最多：</translation>
    </message>
    <message>
        <source>No limit</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>Another number of tokens…</source>
        <translation>其他词元数…</translation>
    </message>
    <message>
        <source>The answer begins after so many tokens of thinking:</source>
        <translation>思考达到这么多词元后开始回答：</translation>
    </message>
    <message>
        <source>{mode}, {limit}</source>
        <translation>{mode}，{limit}</translation>
    </message>
    <message>
        <source>Whether the model thinks before it answers, and for how long</source>
        <translation>模型回答前是否思考，以及思考多久</translation>
    </message>
    <message>
        <source>Thinking: automatic</source>
        <translation>思考：自动</translation>
    </message>
    <message>
        <source>Thinking: on</source>
        <translation>思考：开</translation>
    </message>
    <message>
        <source>Thinking: off</source>
        <translation>思考：关</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count} 词元</translation>
    </message>
</context>
<context>
    <name>Transcript</name>
    <message>
        <source>The model has read a summary of the messages above</source>
        <translation>模型读到的是以上消息的摘要</translation>
    </message>
    <message>
        <source>The model no longer sees the messages above</source>
        <translation>模型不再看到以上消息</translation>
    </message>
    <message>
        <source>Attached files: {names}.</source>
        <translation>附件：{names}。</translation>
    </message>
    <message>
        <source>You</source>
        <translation>你</translation>
    </message>
    <message>
        <source>System</source>
        <translation>系统</translation>
    </message>
    <message>
        <source>Assistant</source>
        <translation>助手</translation>
    </message>
    <message>
        <source>{speed} tokens/s</source>
        <translation>{speed} 词元/秒</translation>
    </message>
    <message>
        <source>1 token</source>
        <translation>1 词元</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count} 词元</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>Length limit reached</source>
        <translation>已达长度上限</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>正在思考…</translation>
    </message>
    <message>
        <source>Thought</source>
        <translation>已思考</translation>
    </message>
    <message>
        <source>Thought for less than a second</source>
        <translation>思考了不到一秒</translation>
    </message>
    <message>
        <source>Thought for {seconds} s</source>
        <translation>思考了 {seconds} 秒</translation>
    </message>
    <message>
        <source>Thought for {minutes} min {seconds} s</source>
        <translation>思考了 {minutes} 分 {seconds} 秒</translation>
    </message>
    <message>
        <source>Answer of {model}</source>
        <translation>{model} 的回答</translation>
    </message>
    <message>
        <source>Version {position} of {count}</source>
        <translation>版本 {position} / {count}</translation>
    </message>
    <message>
        <source>The answer is complete.</source>
        <translation>回答已完成。</translation>
    </message>
    <message>
        <source>The answer was cut at its limit.</source>
        <translation>回答因达到上限而截断。</translation>
    </message>
    <message>
        <source>The answer was stopped.</source>
        <translation>回答已停止。</translation>
    </message>
    <message>
        <source>The answer was interrupted.</source>
        <translation>回答被中断。</translation>
    </message>
</context>
<context>
    <name>TranscriptMenu</name>
    <message>
        <source>Back to the text</source>
        <translation>返回正文</translation>
    </message>
    <message>
        <source>Go to the footnote</source>
        <translation>转到脚注</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>复制(&amp;C)</translation>
    </message>
    <message>
        <source>Copy the selection as Ma&amp;rkdown</source>
        <translation>将所选内容复制为 Markdown(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Links</source>
        <translation>链接(&amp;L)</translation>
    </message>
    <message>
        <source>Copy co&amp;de</source>
        <translation>复制代码(&amp;D)</translation>
    </message>
    <message>
        <source>Copy code: {line}</source>
        <translation>复制代码：{line}</translation>
    </message>
    <message>
        <source>Copy &amp;link address</source>
        <translation>复制链接地址(&amp;L)</translation>
    </message>
    <message>
        <source>Copy &amp;message</source>
        <translation>复制消息(&amp;M)</translation>
    </message>
    <message>
        <source>Copy &amp;message as Markdown</source>
        <translation>以 Markdown 复制消息(&amp;M)</translation>
    </message>
    <message>
        <source>Open “{name}”</source>
        <translation>打开“{name}”</translation>
    </message>
    <message>
        <source>Select &amp;all</source>
        <translation>全选(&amp;A)</translation>
    </message>
    <message>
        <source>Show or hide &amp;thinking</source>
        <translation>显示或隐藏思考(&amp;T)</translation>
    </message>
    <message>
        <source>Read the &amp;summary…</source>
        <translation>查看摘要(&amp;S)…</translation>
    </message>
</context>
<context>
    <name>TranscriptView</name>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Messages of the open conversation, oldest first</source>
        <translation>当前对话的消息，最早的在前</translation>
    </message>
</context>
<context>
    <name>TransferControl</name>
    <message>
        <source>Import conversations</source>
        <translation>导入对话</translation>
    </message>
    <message>
        <source>Conversations (*.json *.jsonl *.zip)</source>
        <translation>对话 (*.json *.jsonl *.zip)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Import a folder of conversations</source>
        <translation>导入对话文件夹</translation>
    </message>
    <message>
        <source>Back up everything</source>
        <translation>备份全部</translation>
    </message>
    <message>
        <source>Export conversations</source>
        <translation>导出对话</translation>
    </message>
    <message>
        <source>Conversations: {count}</source>
        <translation>对话：{count}</translation>
    </message>
    <message>
        <source>Imported conversations: {count}</source>
        <translation>已导入的对话：{count}</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>There is no import to undo</source>
        <translation>没有可撤销的导入</translation>
    </message>
    <message>
        <source>Undo the last import</source>
        <translation>撤销上次导入</translation>
    </message>
    <message>
        <source>Remove what was imported from {source}?</source>
        <translation>移除从 {source} 导入的内容？</translation>
    </message>
    <message>
        <source>Conversations: {count}, imported on {date}. Those that you have gone on with stay.</source>
        <translation>对话：{count} 个，导入于 {date}。你已继续的对话会保留。</translation>
    </message>
    <message>
        <source>Undo the import</source>
        <translation>撤销导入</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Removed conversations: {count}</source>
        <translation>已移除的对话：{count}</translation>
    </message>
    <message>
        <source>You have gone on with {count} of them; they stay.</source>
        <translation>其中 {count} 个你已继续，将予以保留。</translation>
    </message>
    <message>
        <source>Exported conversations: {count}</source>
        <translation>已导出的对话：{count}</translation>
    </message>
    <message>
        <source>Everything was backed up</source>
        <translation>全部内容已备份</translation>
    </message>
    <message>
        <source>To go back to it, quit Conclave and put a copy of this file in the place of conclave.db.</source>
        <translation>要恢复此备份，请退出 Conclave，并用此文件的副本替换 conclave.db。</translation>
    </message>
    <message>
        <source>Reading the conversations</source>
        <translation>正在读取对话</translation>
    </message>
    <message>
        <source>Importing the conversations</source>
        <translation>正在导入对话</translation>
    </message>
    <message>
        <source>Exporting the conversations</source>
        <translation>正在导出对话</translation>
    </message>
    <message>
        <source>Backing up the database</source>
        <translation>正在备份数据库</translation>
    </message>
</context>
<context>
    <name>TurnNotices</name>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Answer it</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Choose another model</source>
        <translation>选择其他模型</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>The answer was interrupted.</source>
        <translation>回答被中断。</translation>
    </message>
    <message>
        <source>You stopped this answer.</source>
        <translation>你停止了此回答。</translation>
    </message>
    <message>
        <source>The answer reached its longest length.</source>
        <translation>回答已达到最大长度。</translation>
    </message>
    <message>
        <source>You edit an answer. It stays as it was, too, as another version.</source>
        <translation>你正在编辑一个回答。原来的内容会作为另一版本保留。</translation>
    </message>
    <message>
        <source>You edit a message. It stays as it was, too, as another version.</source>
        <translation>你正在编辑一条消息。原来的内容会作为另一版本保留。</translation>
    </message>
    <message>
        <source>This message has no answer yet.</source>
        <translation>此消息尚无回答。</translation>
    </message>
    <message>
        <source>Waiting for the answer in another conversation…</source>
        <translation>正在等待另一个对话的回答…</translation>
    </message>
    <message>
        <source>Loading the model, {percent} %</source>
        <translation>正在加载模型，{percent}%</translation>
    </message>
    <message>
        <source>The context is full: summarising the oldest messages, {percent} %</source>
        <translation>上下文已满：正在为最早的消息生成摘要，{percent}%</translation>
    </message>
    <message>
        <source>Reading, {percent} %</source>
        <translation>正在读取，{percent}%</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>Answering… Esc stops</source>
        <translation>正在回答…按 Esc 停止</translation>
    </message>
</context>
<context>
    <name>UndoBar</name>
    <message>
        <source>Deleted conversation</source>
        <translation>已删除的对话</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Deleted “{title}”</source>
        <translation>已删除“{title}”</translation>
    </message>
    <message>
        <source>Undo deleting {title}</source>
        <translation>撤销删除“{title}”</translation>
    </message>
</context>
<context>
    <name>WelcomePage</name>
    <message>
        <source>New conversation</source>
        <translation>新建对话</translation>
    </message>
    <message>
        <source>What would you like to know?</source>
        <translation>你想了解什么？</translation>
    </message>
    <message>
        <source>Everything stays on this computer.</source>
        <translation>一切都只保存在本机。</translation>
    </message>
</context>
<context>
    <name>WindowNotices</name>
    <message>
        <source>OK</source>
        <translation>确定</translation>
    </message>
</context>
</TS>
